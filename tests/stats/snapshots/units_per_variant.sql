SELECT
  "t0"."variant",
  COUNT(*) AS "units",
  MIN("t0"."first_exposed_at") AS "first_exposed_at",
  MAX("t0"."first_exposed_at") AS "last_exposed_at"
FROM "exposed_units" AS "t0"
GROUP BY
  1
