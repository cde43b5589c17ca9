SELECT
  `t12`.`variant`,
  `t12`.`first_exposed_at`,
  CAST(CONVERT_TIMEZONE('UTC', 'Asia/Taipei', `t12`.`first_exposed_at`) AS DATE) AS `day`,
  CAST(`t12`.`first_exposed_at` <= (
    CAST('as_of' AS TIMESTAMP) - INTERVAL '720' HOUR
  ) AS BIGINT) + CAST(`t12`.`first_exposed_at` <= (
    CAST('as_of' AS TIMESTAMP) - INTERVAL '864' HOUR
  ) AS BIGINT) AS `closed`,
  `t4`.`s0`,
  CAST((
    0 + COALESCE(`t12`.`t0`, 0)
  ) > 0 AS BIGINT) AS `v0`,
  CAST((
    0 + COALESCE(`t12`.`t1`, 0)
  ) > 0 AS BIGINT) AS `v1`,
  (
    0 + COALESCE(`t12`.`t2`, 0)
  ) - COALESCE(`t12`.`t3`, 0) AS `v2`,
  0 + COALESCE(`t12`.`t4`, 0) AS `v3`,
  (
    0 + COALESCE(`t12`.`t5`, 0)
  ) - COALESCE(`t12`.`t6`, 0) AS `v4`,
  0 + COALESCE(`t12`.`t7`, 0) AS `v5`,
  0 + COALESCE(`t12`.`t8`, 0) AS `v6`,
  (
    0 + COALESCE(`t12`.`t9`, 0)
  ) - COALESCE(`t12`.`t10`, 0) AS `v7`,
  0 + COALESCE(`t12`.`t11`, 0) AS `v8`,
  (
    0 + COALESCE(`t12`.`t12`, 0)
  ) - COALESCE(`t12`.`t13`, 0) AS `v9`,
  0 + COALESCE(`t12`.`t14`, 0) AS `v10`,
  (
    0 + COALESCE(`t12`.`t15`, 0)
  ) - COALESCE(`t12`.`t16`, 0) AS `v11`,
  0 + COALESCE(`t12`.`t17`, 0) AS `v12`,
  (
    0 + COALESCE(`t12`.`t18`, 0)
  ) - COALESCE(`t12`.`t19`, 0) AS `v13`,
  0 + COALESCE(`t12`.`t20`, 0) AS `v14`,
  (
    0 + COALESCE(`t12`.`t21`, 0)
  ) - COALESCE(`t12`.`t22`, 0) AS `v15`,
  0 + COALESCE(`t12`.`t23`, 0) AS `v16`,
  (
    0 + COALESCE(`t12`.`t24`, 0)
  ) - COALESCE(`t12`.`t25`, 0) AS `v17`,
  0 + COALESCE(`t12`.`t26`, 0) AS `v18`,
  (
    0 + COALESCE(`t12`.`t27`, 0)
  ) - COALESCE(`t12`.`t28`, 0) AS `v19`,
  0 + COALESCE(`t12`.`t29`, 0) AS `v20`
FROM (
  SELECT
    `t10`.`unit_id`,
    `t10`.`variant`,
    `t10`.`first_exposed_at`,
    `t10`.`t0`,
    `t10`.`t1`,
    `t10`.`t2`,
    `t10`.`t3`,
    `t10`.`t4`,
    `t10`.`t5`,
    `t10`.`t6`,
    `t10`.`t7`,
    `t10`.`t8`,
    `t10`.`t9`,
    `t10`.`t10`,
    `t10`.`t11`,
    `t10`.`t12`,
    `t10`.`t13`,
    `t10`.`t14`,
    `t10`.`t15`,
    `t10`.`t16`,
    `t10`.`t17`,
    `t10`.`t18`,
    `t10`.`t19`,
    `t10`.`t20`,
    `t10`.`t21`,
    `t10`.`t22`,
    `t10`.`t23`,
    `t10`.`t24`,
    `t10`.`t25`,
    `t10`.`t26`,
    `t10`.`t27`,
    `t10`.`t28`,
    `t10`.`t29`
  FROM (
    SELECT
      `t6`.`unit_id`,
      `t6`.`variant`,
      `t6`.`first_exposed_at`,
      `t9`.`unit_id` AS `unit_id_right`,
      `t9`.`t0`,
      `t9`.`t1`,
      `t9`.`t2`,
      `t9`.`t3`,
      `t9`.`t4`,
      `t9`.`t5`,
      `t9`.`t6`,
      `t9`.`t7`,
      `t9`.`t8`,
      `t9`.`t9`,
      `t9`.`t10`,
      `t9`.`t11`,
      `t9`.`t12`,
      `t9`.`t13`,
      `t9`.`t14`,
      `t9`.`t15`,
      `t9`.`t16`,
      `t9`.`t17`,
      `t9`.`t18`,
      `t9`.`t19`,
      `t9`.`t20`,
      `t9`.`t21`,
      `t9`.`t22`,
      `t9`.`t23`,
      `t9`.`t24`,
      `t9`.`t25`,
      `t9`.`t26`,
      `t9`.`t27`,
      `t9`.`t28`,
      `t9`.`t29`
    FROM (
      SELECT
        `t1`.`unit_id`,
        `t1`.`variant`,
        `t1`.`first_exposed_at`
      FROM `unit_spans` AS `t1`
      WHERE
        NOT (
          `t1`.`is_crossed`
        )
    ) AS `t6`
    LEFT OUTER JOIN (
      SELECT
        `t7`.`unit_id`,
        SUM(
          CAST(`t7`.`event` IN ('tier_change')
          AND COALESCE(`t7`.`p0` IN ('gold'), FALSE)
          AND (
            (
              `t7`.`occurred_at` >= `t7`.`first_exposed_at`
            )
            AND (
              `t7`.`occurred_at` < (
                `t7`.`first_exposed_at` + INTERVAL '720' HOUR
              )
            )
          ) AS BIGINT)
        ) AS `t0`,
        SUM(
          CAST(`t7`.`event` IN ('activity', 'order')
          AND (
            `t7`.`occurred_at` >= (
              `t7`.`first_exposed_at` + INTERVAL '720' HOUR
            )
          ) AS BIGINT)
        ) AS `t1`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('order')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '720' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t2`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('refund')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '720' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t3`,
        SUM(
          CAST(`t7`.`event` IN ('order')
          AND (
            (
              `t7`.`occurred_at` >= `t7`.`first_exposed_at`
            )
            AND (
              `t7`.`occurred_at` < (
                `t7`.`first_exposed_at` + INTERVAL '720' HOUR
              )
            )
          ) AS BIGINT)
        ) AS `t4`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('order') AND (
              `t7`.`occurred_at` < `t7`.`first_exposed_at`
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t5`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('refund') AND (
              `t7`.`occurred_at` < `t7`.`first_exposed_at`
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t6`,
        SUM(
          CAST(`t7`.`event` IN ('order') AND (
            `t7`.`occurred_at` < `t7`.`first_exposed_at`
          ) AS BIGINT)
        ) AS `t7`,
        COUNT(
          DISTINCT IF(
            `t7`.`event` IN ('activity', 'order')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '720' HOUR
                )
              )
            ),
            CAST(CONVERT_TIMEZONE('UTC', 'Asia/Taipei', `t7`.`occurred_at`) AS DATE),
            NULL
          )
        ) AS `t8`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('order')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '24' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t9`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('refund')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '24' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t10`,
        SUM(
          CAST(`t7`.`event` IN ('order')
          AND (
            (
              `t7`.`occurred_at` >= `t7`.`first_exposed_at`
            )
            AND (
              `t7`.`occurred_at` < (
                `t7`.`first_exposed_at` + INTERVAL '24' HOUR
              )
            )
          ) AS BIGINT)
        ) AS `t11`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('order')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '48' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t12`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('refund')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '48' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t13`,
        SUM(
          CAST(`t7`.`event` IN ('order')
          AND (
            (
              `t7`.`occurred_at` >= `t7`.`first_exposed_at`
            )
            AND (
              `t7`.`occurred_at` < (
                `t7`.`first_exposed_at` + INTERVAL '48' HOUR
              )
            )
          ) AS BIGINT)
        ) AS `t14`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('order')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '72' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t15`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('refund')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '72' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t16`,
        SUM(
          CAST(`t7`.`event` IN ('order')
          AND (
            (
              `t7`.`occurred_at` >= `t7`.`first_exposed_at`
            )
            AND (
              `t7`.`occurred_at` < (
                `t7`.`first_exposed_at` + INTERVAL '72' HOUR
              )
            )
          ) AS BIGINT)
        ) AS `t17`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('order')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '120' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t18`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('refund')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '120' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t19`,
        SUM(
          CAST(`t7`.`event` IN ('order')
          AND (
            (
              `t7`.`occurred_at` >= `t7`.`first_exposed_at`
            )
            AND (
              `t7`.`occurred_at` < (
                `t7`.`first_exposed_at` + INTERVAL '120' HOUR
              )
            )
          ) AS BIGINT)
        ) AS `t20`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('order')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '168' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t21`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('refund')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '168' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t22`,
        SUM(
          CAST(`t7`.`event` IN ('order')
          AND (
            (
              `t7`.`occurred_at` >= `t7`.`first_exposed_at`
            )
            AND (
              `t7`.`occurred_at` < (
                `t7`.`first_exposed_at` + INTERVAL '168' HOUR
              )
            )
          ) AS BIGINT)
        ) AS `t23`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('order')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '336' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t24`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('refund')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '336' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t25`,
        SUM(
          CAST(`t7`.`event` IN ('order')
          AND (
            (
              `t7`.`occurred_at` >= `t7`.`first_exposed_at`
            )
            AND (
              `t7`.`occurred_at` < (
                `t7`.`first_exposed_at` + INTERVAL '336' HOUR
              )
            )
          ) AS BIGINT)
        ) AS `t26`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('order')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '504' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t27`,
        CAST(SUM(
          IF(
            `t7`.`event` IN ('refund')
            AND (
              (
                `t7`.`occurred_at` >= `t7`.`first_exposed_at`
              )
              AND (
                `t7`.`occurred_at` < (
                  `t7`.`first_exposed_at` + INTERVAL '504' HOUR
                )
              )
            ),
            `t7`.`amount_minor`,
            NULL
          )
        ) AS BIGINT) AS `t28`,
        SUM(
          CAST(`t7`.`event` IN ('order')
          AND (
            (
              `t7`.`occurred_at` >= `t7`.`first_exposed_at`
            )
            AND (
              `t7`.`occurred_at` < (
                `t7`.`first_exposed_at` + INTERVAL '504' HOUR
              )
            )
          ) AS BIGINT)
        ) AS `t29`
      FROM (
        SELECT
          `t2`.`unit_id`,
          `t2`.`first_exposed_at`,
          `t2`.`event`,
          `t2`.`occurred_at`,
          `t2`.`amount_minor`,
          `t2`.`properties`,
          TRY_ELEMENT_AT(
            FROM_JSON(
              CASE WHEN `t2`.`event` IN ('tier_change') THEN `t2`.`properties` ELSE NULL END,
              'map<string,string>'
            ),
            'to'
          ) AS `p0`
        FROM `unit_conversions` AS `t2`
      ) AS `t7`
      GROUP BY
        1
    ) AS `t9`
      ON `t6`.`unit_id` = `t9`.`unit_id`
  ) AS `t10`
) AS `t12`
LEFT OUTER JOIN (
  SELECT
    `t0`.`unit_id`,
    `t0`.`tier` AS `s0`
  FROM `units` AS `t0`
) AS `t4`
  ON `t12`.`unit_id` = `t4`.`unit_id`
