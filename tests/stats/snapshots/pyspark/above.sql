SELECT
  COUNT(*) AS `units`,
  COALESCE(SUM(`t1`.`v2`), 0) AS `total`
FROM (
  SELECT
    *
  FROM `unit_values` AS `t0`
  WHERE
    `t0`.`variant` IN ('B', 'control')
    AND `t0`.`closed` >= 1
    AND `t0`.`v2` > CAST('threshold' AS BIGINT)
) AS `t1`
