SELECT
  "t0"."variant",
  "t0"."recomputed",
  "t0"."kind",
  COUNT(*) AS "units",
  SUM("t0"."exposures") AS "exposures"
FROM "audited" AS "t0"
GROUP BY
  1,
  2,
  3
