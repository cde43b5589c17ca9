SELECT
  "t5"."variant",
  "t4"."unit_id",
  "t4"."amount_minor" AS "value"
FROM (
  SELECT
    *
  FROM "unit_conversions" AS "t0"
  WHERE
    "t0"."event" IN ('order')
    AND "t0"."occurred_at" >= "t0"."first_exposed_at"
    AND "t0"."occurred_at" < (
      "t0"."first_exposed_at" + INTERVAL '720' HOUR
    )
    AND "t0"."amount_minor" IS NOT NULL
) AS "t4"
INNER JOIN (
  SELECT
    "t1"."unit_id",
    "t1"."variant"
  FROM "exposed_units" AS "t1"
  WHERE
    "t1"."first_exposed_at" <= (
      CAST('as_of' AS TIMESTAMP(6)) - INTERVAL '720' HOUR
    )
) AS "t5"
  ON "t4"."unit_id" = "t5"."unit_id"
