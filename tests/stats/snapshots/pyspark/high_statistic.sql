SELECT
  CAST(PERCENTILE_DISC(CAST('share' AS DOUBLE)) WITHIN GROUP (ORDER BY
    CAST(`t1`.`v2` AS DOUBLE)) AS BIGINT) AS `value`
FROM (
  SELECT
    *
  FROM `unit_values` AS `t0`
  WHERE
    `t0`.`variant` IN ('B', 'control')
    AND `t0`.`closed` >= 1
    AND `t0`.`v2` > CAST('floor' AS BIGINT)
) AS `t1`
