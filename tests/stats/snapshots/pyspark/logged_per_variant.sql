SELECT
  `t1`.`variant`,
  COUNT(*) AS `exposures`,
  MIN(`t1`.`exposed_at`) AS `first_exposed_at`,
  MAX(`t1`.`exposed_at`) AS `last_exposed_at`
FROM (
  SELECT
    *
  FROM `exposures` AS `t0`
  WHERE
    `t0`.`exposed_at` <= CAST('as_of' AS TIMESTAMP)
) AS `t1`
GROUP BY
  1
