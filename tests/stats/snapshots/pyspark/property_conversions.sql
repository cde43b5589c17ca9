SELECT
  `t6`.`unit_id`,
  `t6`.`first_exposed_at`,
  `t6`.`event`,
  `t6`.`occurred_at`,
  `t6`.`amount_minor`,
  `t6`.`properties`
FROM (
  SELECT
    `t5`.`unit_id`,
    `t5`.`event`,
    `t5`.`occurred_at`,
    `t5`.`amount_minor`,
    `t5`.`currency`,
    `t5`.`properties`,
    `t3`.`variant`,
    `t3`.`first_exposed_at`
  FROM (
    SELECT
      `t0`.`member_id` AS `unit_id`,
      `t0`.`event`,
      `t0`.`occurred_at`,
      `t0`.`amount_minor`,
      `t0`.`currency`,
      `t0`.`properties`
    FROM `conversions` AS `t0`
    WHERE
      `t0`.`occurred_at` <= CAST('as_of' AS TIMESTAMP)
      AND (
        (
          (
            `t0`.`occurred_at` >= CAST('first_start' AS TIMESTAMP)
          )
          AND (
            `t0`.`occurred_at` < (
              CAST('last_start' AS TIMESTAMP) + INTERVAL '4320' HOUR
            )
          )
        )
        OR `t0`.`event` IN ('points')
      )
      AND (
        (
          `t0`.`amount_minor` IS NULL
        ) OR (
          COALESCE(`t0`.`currency`, '') = 'TWD'
        )
      )
      AND `t0`.`event` IN (
        'contact_sent',
        'opt_out',
        'order',
        'points',
        'progress',
        'refund',
        'reward_issue',
        'reward_reverse',
        'survey_response'
      )
  ) AS `t5`
  INNER JOIN (
    SELECT
      `t1`.`unit_id`,
      `t1`.`variant`,
      `t1`.`first_exposed_at`
    FROM `unit_spans` AS `t1`
    WHERE
      NOT (
        `t1`.`is_crossed`
      )
  ) AS `t3`
    ON `t5`.`unit_id` = `t3`.`unit_id`
) AS `t6`
WHERE
  (
    (
      `t6`.`occurred_at` >= `t6`.`first_exposed_at`
    )
    AND (
      `t6`.`occurred_at` < (
        `t6`.`first_exposed_at` + INTERVAL '4320' HOUR
      )
    )
  )
  OR `t6`.`event` IN ('points')
