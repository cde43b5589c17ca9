SELECT
  "t9"."variants",
  COUNT(*) AS "units"
FROM (
  SELECT
    "t8"."unit_id",
    LIST_SORT(ARRAY_AGG("t8"."variant") FILTER(WHERE
      "t8"."variant" IS NOT NULL)) AS "variants"
  FROM (
    SELECT DISTINCT
      *
    FROM (
      SELECT
        "t3"."unit_id",
        "t3"."variant"
      FROM (
        SELECT
          *
        FROM "exposures" AS "t0"
        WHERE
          "t0"."exposed_at" <= MAKE_TIMESTAMP(2026, 7, 1, 0, 0, 0.0)
      ) AS "t3"
      SEMI JOIN (
        SELECT
          *
        FROM (
          SELECT
            "t2"."unit_id",
            MIN("t2"."exposed_at") AS "first_exposed_at",
            MIN("t2"."variant") AS "low_variant",
            MAX("t2"."variant") AS "high_variant"
          FROM (
            SELECT
              *
            FROM "exposures" AS "t0"
            WHERE
              "t0"."exposed_at" <= MAKE_TIMESTAMP(2026, 7, 1, 0, 0, 0.0)
              AND "t0"."unit_id" IS NOT NULL
          ) AS "t2"
          GROUP BY
            1
        ) AS "t4"
        WHERE
          "t4"."low_variant" <> "t4"."high_variant"
      ) AS "t6"
        ON "t3"."unit_id" = "t6"."unit_id"
    ) AS "t7"
  ) AS "t8"
  GROUP BY
    1
) AS "t9"
GROUP BY
  1
