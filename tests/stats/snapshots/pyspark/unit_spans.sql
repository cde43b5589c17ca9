SELECT
  `t2`.`unit_id`,
  `t2`.`first_exposed_at`,
  `t2`.`variant`,
  `t2`.`variant` <> `t2`.`high_variant` AS `is_crossed`
FROM (
  SELECT
    `t1`.`unit_id`,
    MIN(`t1`.`started_at`) AS `first_exposed_at`,
    MIN(`t1`.`variant`) AS `variant`,
    MAX(`t1`.`variant`) AS `high_variant`
  FROM (
    SELECT
      `t0`.`unit_id`,
      `t0`.`variant`,
      `t0`.`exposed_at` AS `started_at`
    FROM `exposures` AS `t0`
    WHERE
      `t0`.`exposed_at` <= CAST('as_of' AS TIMESTAMP) AND `t0`.`unit_id` IS NOT NULL
  ) AS `t1`
  GROUP BY
    1
) AS `t2`
