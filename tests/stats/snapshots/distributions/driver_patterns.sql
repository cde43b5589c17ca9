SELECT
  "t1"."variant",
  "t1"."s0",
  COUNT(*) AS "units",
  COUNT(*) FILTER(WHERE
    "t1"."v0" > 0) AS "successes"
FROM (
  SELECT
    *
  FROM "unit_values" AS "t0"
  WHERE
    "t0"."first_exposed_at" <= (
      CAST('as_of' AS TIMESTAMP(6)) - INTERVAL '720' HOUR
    )
    AND "t0"."variant" IN ('B', 'control')
) AS "t1"
GROUP BY
  1,
  2
