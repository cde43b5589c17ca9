WITH "t1" AS (
  SELECT
    *
  FROM "exposures" AS "t0"
  WHERE
    "t0"."exposed_at" <= MAKE_TIMESTAMP(2026, 7, 1, 0, 0, 0.0)
    AND "t0"."unit_id" IS NOT NULL
)
SELECT
  "t8"."unit_id",
  "t8"."variant",
  "t8"."first_exposed_at"
FROM (
  SELECT
    "t7"."unit_id",
    MIN("t7"."first_exposed_at") AS "first_exposed_at",
    MIN("t7"."variant") AS "variant"
  FROM (
    SELECT
      "t3"."member_id",
      "t3"."unit_id",
      "t3"."variant",
      "t3"."exposed_at",
      "t6"."first_exposed_at"
    FROM "t1" AS "t3"
    INNER JOIN (
      SELECT
        "t4"."unit_id",
        "t4"."first_exposed_at"
      FROM (
        SELECT
          "t2"."unit_id",
          MIN("t2"."exposed_at") AS "first_exposed_at",
          MIN("t2"."variant") AS "low_variant",
          MAX("t2"."variant") AS "high_variant"
        FROM "t1" AS "t2"
        GROUP BY
          1
      ) AS "t4"
    ) AS "t6"
      ON "t3"."unit_id" = "t6"."unit_id" AND "t3"."exposed_at" = "t6"."first_exposed_at"
  ) AS "t7"
  GROUP BY
    1
) AS "t8"
