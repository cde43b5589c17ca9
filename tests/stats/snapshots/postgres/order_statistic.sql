SELECT
  PERCENTILE_DISC(CAST('share' AS DOUBLE PRECISION)) WITHIN GROUP (ORDER BY
    "t1"."v2") AS "value"
FROM (
  SELECT
    *
  FROM "unit_values" AS "t0"
  WHERE
    "t0"."variant" IN ('B', 'control') AND "t0"."closed" >= 1
) AS "t1"
