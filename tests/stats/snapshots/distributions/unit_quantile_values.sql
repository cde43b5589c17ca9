SELECT
  "t0"."variant",
  "t0"."v3" AS "value"
FROM "unit_values" AS "t0"
WHERE
  "t0"."first_exposed_at" <= (
    CAST('as_of' AS TIMESTAMP(6)) - INTERVAL '2160' HOUR
  )
