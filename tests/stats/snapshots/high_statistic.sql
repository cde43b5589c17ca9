SELECT
  QUANTILE_DISC("t1"."v2", CAST('share' AS DOUBLE)) AS "value"
FROM (
  SELECT
    *
  FROM "unit_values" AS "t0"
  WHERE
    "t0"."variant" IN ('B', 'control')
    AND "t0"."closed" >= 1
    AND "t0"."v2" > CAST('floor' AS BIGINT)
) AS "t1"
