SELECT
  "t2"."variant",
  COUNT(*) AS "n",
  CAST(SUM("t2"."low") AS DECIMAL(38, 0)) AS "y",
  CAST(SUM("t2"."rows") AS DECIMAL(38, 0)) AS "d",
  CAST(SUM("t2"."low" * "t2"."low") AS DECIMAL(38, 0)) AS "yy",
  CAST(SUM("t2"."rows" * "t2"."rows") AS DECIMAL(38, 0)) AS "dd",
  CAST(SUM("t2"."low" * "t2"."rows") AS DECIMAL(38, 0)) AS "yd"
FROM (
  SELECT
    "t1"."variant",
    "t1"."unit_id",
    CAST(SUM("t1"."is_low") AS DECIMAL(19, 0)) AS "low",
    CAST(COUNT(*) AS DECIMAL(19, 0)) AS "rows"
  FROM (
    SELECT
      "t0"."variant",
      "t0"."unit_id",
      "t0"."value",
      CAST("t0"."value" <= CASE
        WHEN "t0"."variant" = 'control'
        THEN 1200
        WHEN "t0"."variant" = 'B'
        THEN 1100
        ELSE NULL
      END AS BIGINT) AS "is_low"
    FROM "quantile_values" AS "t0"
  ) AS "t1"
  GROUP BY
    1,
    2
) AS "t2"
GROUP BY
  1
