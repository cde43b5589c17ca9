SELECT
  "t2"."unit_id",
  "t2"."low_variant" AS "variant",
  "t2"."first_exposed_at"
FROM (
  SELECT
    "t1"."unit_id",
    MIN("t1"."exposed_at") AS "first_exposed_at",
    MIN("t1"."variant") AS "low_variant",
    MAX("t1"."variant") AS "high_variant"
  FROM (
    SELECT
      *
    FROM "exposures" AS "t0"
    WHERE
      "t0"."exposed_at" <= MAKE_TIMESTAMP(2026, 7, 1, 0, 0, 0.0)
      AND "t0"."unit_id" IS NOT NULL
  ) AS "t1"
  GROUP BY
    1
) AS "t2"
WHERE
  "t2"."low_variant" = "t2"."high_variant"
