SELECT
  "t0"."unit_id",
  "t0"."variant",
  "t0"."first_exposed_at"
FROM "unit_spans" AS "t0"
WHERE
  NOT (
    "t0"."is_crossed"
  )
