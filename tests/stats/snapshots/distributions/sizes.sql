SELECT
  "t0"."variant",
  COUNT(*) AS "rows"
FROM "quantile_values" AS "t0"
GROUP BY
  1
