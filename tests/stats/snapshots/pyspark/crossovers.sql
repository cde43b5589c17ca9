SELECT
  `t8`.`variants`,
  COUNT(*) AS `units`
FROM (
  SELECT
    `t7`.`unit_id`,
    ARRAY_SORT(COLLECT_LIST(`t7`.`variant`)) AS `variants`
  FROM (
    SELECT DISTINCT
      *
    FROM (
      SELECT
        `t5`.`unit_id`,
        `t5`.`variant`
      FROM (
        SELECT
          `t0`.`unit_id`,
          `t0`.`variant`,
          `t0`.`exposed_at` AS `started_at`
        FROM `exposures` AS `t0`
        WHERE
          `t0`.`exposed_at` <= CAST('as_of' AS TIMESTAMP) AND `t0`.`unit_id` IS NOT NULL
      ) AS `t5`
      LEFT SEMI JOIN (
        SELECT
          *
        FROM `unit_spans` AS `t1`
        WHERE
          `t1`.`is_crossed`
      ) AS `t3`
        ON `t5`.`unit_id` = `t3`.`unit_id`
    ) AS `t6`
  ) AS `t7`
  GROUP BY
    1
) AS `t8`
GROUP BY
  1
