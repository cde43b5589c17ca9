SELECT
  COALESCE(SUM(CAST(`t1`.`closed` >= 1 AS BIGINT)), 0) AS `n_spend_per_member`
FROM (
  SELECT
    *
  FROM `unit_values` AS `t0`
  WHERE
    `t0`.`variant` IN ('B', 'control')
) AS `t1`
