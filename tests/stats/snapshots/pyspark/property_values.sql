SELECT
  `t11`.`variant`,
  `t11`.`first_exposed_at`,
  CAST(CONVERT_TIMEZONE('UTC', 'Asia/Taipei', `t11`.`first_exposed_at`) AS DATE) AS `day`,
  CAST(`t11`.`first_exposed_at` <= (
    CAST('as_of' AS TIMESTAMP) - INTERVAL '720' HOUR
  ) AS BIGINT) + CAST(`t11`.`first_exposed_at` <= (
    CAST('as_of' AS TIMESTAMP) - INTERVAL '2160' HOUR
  ) AS BIGINT) + CAST(`t11`.`first_exposed_at` <= (
    CAST('as_of' AS TIMESTAMP) - INTERVAL '4320' HOUR
  ) AS BIGINT) AS `closed`,
  (
    (
      (
        0 + COALESCE(`t11`.`t0`, 0) + COALESCE(`t11`.`t3`, 0)
      ) - COALESCE(`t11`.`t1`, 0)
    ) - COALESCE(`t11`.`t2`, 0)
  ) - (
    COALESCE(`t11`.`t4`, 0) * 10000
  ) AS `v0`,
  0 + COALESCE(`t11`.`t5`, 0) AS `v1`,
  (
    (
      0 + COALESCE(`t11`.`t6`, 0)
    ) - COALESCE(`t11`.`t7`, 0)
  ) - COALESCE(`t11`.`t8`, 0) AS `v2`,
  0 + COALESCE(`t11`.`t9`, 0) AS `v3`,
  (
    0 + (
      COALESCE(`t11`.`t10`, 0) * 100
    )
  ) - (
    COALESCE(`t11`.`t11`, 0) * 100
  ) AS `v4`,
  0 + COALESCE(`t11`.`t12`, 0) AS `v5`,
  (
    (
      0 + (
        COALESCE(`t11`.`t13`, 0) * 10000
      )
    ) - (
      COALESCE(`t11`.`t14`, 0) * 10000
    )
  ) + -20000000 AS `v6`,
  CASE
    WHEN (
      `t4`.`a0` IS NULL
    ) OR NOT (
      `t4`.`a0` IN ('false')
    )
    THEN CAST((
      0 + COALESCE(`t11`.`t15`, 0)
    ) > 0 AS BIGINT)
    ELSE NULL
  END AS `v7`
FROM (
  SELECT
    `t9`.`unit_id`,
    `t9`.`variant`,
    `t9`.`first_exposed_at`,
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
    `t9`.`t15`
  FROM (
    SELECT
      `t6`.`unit_id`,
      `t6`.`variant`,
      `t6`.`first_exposed_at`,
      `t8`.`unit_id` AS `unit_id_right`,
      `t8`.`t0`,
      `t8`.`t1`,
      `t8`.`t2`,
      `t8`.`t3`,
      `t8`.`t4`,
      `t8`.`t5`,
      `t8`.`t6`,
      `t8`.`t7`,
      `t8`.`t8`,
      `t8`.`t9`,
      `t8`.`t10`,
      `t8`.`t11`,
      `t8`.`t12`,
      `t8`.`t13`,
      `t8`.`t14`,
      `t8`.`t15`
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
        `t2`.`unit_id`,
        CAST(SUM(
          IF(
            `t2`.`event` IN ('order')
            AND (
              `t2`.`occurred_at` < (
                `t2`.`first_exposed_at` + INTERVAL '2160' HOUR
              )
            ),
            CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'margin_minor'
              ) IS NOT NULL
              THEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'margin_minor'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'margin_minor'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'margin_minor'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'margin_minor'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'margin_minor'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'margin_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'cost_minor'
              ) IS NOT NULL
              THEN (
                `t2`.`amount_minor` * 10000
              ) - CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'cost_minor'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'cost_minor'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'cost_minor'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'cost_minor'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'cost_minor'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('order') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'cost_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE `t2`.`amount_minor` * 4000
            END,
            NULL
          )
        ) AS BIGINT) AS `t0`,
        CAST(SUM(
          IF(
            `t2`.`event` IN ('refund')
            AND (
              `t2`.`occurred_at` < (
                `t2`.`first_exposed_at` + INTERVAL '2160' HOUR
              )
            ),
            CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'margin_minor'
              ) IS NOT NULL
              THEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'margin_minor'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'margin_minor'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'margin_minor'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'margin_minor'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'margin_minor'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'margin_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'cost_minor'
              ) IS NOT NULL
              THEN (
                `t2`.`amount_minor` * 10000
              ) - CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'cost_minor'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'cost_minor'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'cost_minor'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'cost_minor'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'cost_minor'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('refund') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'cost_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE `t2`.`amount_minor` * 4000
            END,
            NULL
          )
        ) AS BIGINT) AS `t1`,
        CAST(SUM(
          IF(
            `t2`.`event` IN ('reward_issue')
            AND (
              `t2`.`occurred_at` < (
                `t2`.`first_exposed_at` + INTERVAL '2160' HOUR
              )
            ),
            `t2`.`amount_minor` * CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'breakage'
              ) IS NULL
              THEN 10000
              ELSE 10000 - CASE
                WHEN (
                  CASE
                    WHEN (
                      CAST(CAST(CASE
                        WHEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                        THEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        )
                        ELSE NULL
                      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                    )
                    AND (
                      CAST(CAST(CASE
                        WHEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                        THEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        )
                        ELSE NULL
                      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                    )
                    THEN CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                    ELSE NULL
                  END >= 0
                )
                AND (
                  CASE
                    WHEN (
                      CAST(CAST(CASE
                        WHEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                        THEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        )
                        ELSE NULL
                      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                    )
                    AND (
                      CAST(CAST(CASE
                        WHEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                        THEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        )
                        ELSE NULL
                      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                    )
                    THEN CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                    ELSE NULL
                  END <= 10000
                )
                THEN CASE
                  WHEN (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('reward_issue') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                  ELSE NULL
                END
                ELSE NULL
              END
            END,
            NULL
          )
        ) AS BIGINT) AS `t2`,
        CAST(SUM(
          IF(
            `t2`.`event` IN ('reward_reverse')
            AND (
              `t2`.`occurred_at` < (
                `t2`.`first_exposed_at` + INTERVAL '2160' HOUR
              )
            ),
            `t2`.`amount_minor` * CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'breakage'
              ) IS NULL
              THEN 10000
              ELSE 10000 - CASE
                WHEN (
                  CASE
                    WHEN (
                      CAST(CAST(CASE
                        WHEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                        THEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        )
                        ELSE NULL
                      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                    )
                    AND (
                      CAST(CAST(CASE
                        WHEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                        THEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        )
                        ELSE NULL
                      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                    )
                    THEN CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                    ELSE NULL
                  END >= 0
                )
                AND (
                  CASE
                    WHEN (
                      CAST(CAST(CASE
                        WHEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                        THEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        )
                        ELSE NULL
                      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                    )
                    AND (
                      CAST(CAST(CASE
                        WHEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                        THEN TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'breakage'
                        )
                        ELSE NULL
                      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                    )
                    THEN CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                    ELSE NULL
                  END <= 10000
                )
                THEN CASE
                  WHEN (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('reward_reverse') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                  ELSE NULL
                END
                ELSE NULL
              END
            END,
            NULL
          )
        ) AS BIGINT) AS `t3`,
        CAST(SUM(
          IF(
            `t2`.`event` IN ('contact_sent')
            AND (
              `t2`.`occurred_at` < (
                `t2`.`first_exposed_at` + INTERVAL '2160' HOUR
              )
            ),
            COALESCE(`t2`.`amount_minor`, 5),
            NULL
          )
        ) AS BIGINT) AS `t4`,
        CAST(SUM(
          IF(
            `t2`.`event` IN ('points')
            AND COALESCE(
              TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'movement'
              ) IN ('burn'),
              FALSE
            )
            AND (
              (
                `t2`.`occurred_at` >= `t2`.`first_exposed_at`
              )
              AND (
                `t2`.`occurred_at` < (
                  `t2`.`first_exposed_at` + INTERVAL '2160' HOUR
                )
              )
            ),
            CASE
              WHEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('burn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('burn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END >= 0
              THEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('burn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('burn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE NULL
            END,
            NULL
          )
        ) AS BIGINT) AS `t5`,
        CAST(SUM(
          IF(
            `t2`.`event` IN ('points')
            AND COALESCE(
              TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'movement'
              ) IN ('earn'),
              FALSE
            )
            AND (
              `t2`.`occurred_at` < (
                `t2`.`first_exposed_at` + INTERVAL '2160' HOUR
              )
            ),
            CASE
              WHEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('earn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('earn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('earn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('earn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('earn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('earn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END >= 0
              THEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('earn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('earn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('earn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('earn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('earn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('earn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE NULL
            END,
            NULL
          )
        ) AS BIGINT) AS `t6`,
        CAST(SUM(
          IF(
            `t2`.`event` IN ('points')
            AND COALESCE(
              TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'movement'
              ) IN ('burn'),
              FALSE
            )
            AND (
              `t2`.`occurred_at` < `t2`.`first_exposed_at`
            ),
            CASE
              WHEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('burn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('burn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END >= 0
              THEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('burn'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('burn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('burn'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE NULL
            END,
            NULL
          )
        ) AS BIGINT) AS `t7`,
        CAST(SUM(
          IF(
            `t2`.`event` IN ('points')
            AND COALESCE(
              TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'movement'
              ) IN ('expire'),
              FALSE
            )
            AND (
              `t2`.`occurred_at` < `t2`.`first_exposed_at`
            ),
            CASE
              WHEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('expire'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('expire'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('expire'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('expire'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('expire'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('expire'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END >= 0
              THEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('expire'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('expire'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('expire'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('points')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'movement'
                            ) IN ('expire'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'points'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('expire'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('points')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('points') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'movement'
                          ) IN ('expire'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'points'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE NULL
            END,
            NULL
          )
        ) AS BIGINT) AS `t8`,
        CASE
          WHEN MAX(
            IF(
              `t2`.`event` IN ('progress')
              AND (
                `t2`.`occurred_at` < (
                  `t2`.`first_exposed_at` + INTERVAL '720' HOUR
                )
              ),
              CASE
                WHEN CASE
                  WHEN (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'covered'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                  ELSE NULL
                END >= 0
                THEN CASE
                  WHEN (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'covered'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                  ELSE NULL
                END
                ELSE NULL
              END,
              NULL
            )
          ) > 10000
          THEN 10000
          ELSE MAX(
            IF(
              `t2`.`event` IN ('progress')
              AND (
                `t2`.`occurred_at` < (
                  `t2`.`first_exposed_at` + INTERVAL '720' HOUR
                )
              ),
              CASE
                WHEN CASE
                  WHEN (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'covered'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                  ELSE NULL
                END >= 0
                THEN CASE
                  WHEN (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'covered'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'covered'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('progress') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                  ELSE NULL
                END
                ELSE NULL
              END,
              NULL
            )
          )
        END AS `t9`,
        SUM(
          CAST(`t2`.`event` IN ('survey_response')
          AND COALESCE(
            TRY_ELEMENT_AT(
              FROM_JSON(
                CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'survey'
            ) IN ('nps'),
            FALSE
          )
          AND COALESCE(
            (
              CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'score'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'score'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END >= 90000
            )
            AND (
              CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'score'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'score'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END <= 100000
            ),
            FALSE
          )
          AND (
            `t2`.`occurred_at` < (
              `t2`.`first_exposed_at` + INTERVAL '720' HOUR
            )
          ) AS BIGINT)
        ) AS `t10`,
        SUM(
          CAST(`t2`.`event` IN ('survey_response')
          AND COALESCE(
            TRY_ELEMENT_AT(
              FROM_JSON(
                CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'survey'
            ) IN ('nps'),
            FALSE
          )
          AND COALESCE(
            (
              CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'score'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'score'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END >= 0
            )
            AND (
              CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'score'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'score'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END <= 60000
            ),
            FALSE
          )
          AND (
            `t2`.`occurred_at` < (
              `t2`.`first_exposed_at` + INTERVAL '720' HOUR
            )
          ) AS BIGINT)
        ) AS `t11`,
        SUM(
          CAST(`t2`.`event` IN ('survey_response')
          AND COALESCE(
            TRY_ELEMENT_AT(
              FROM_JSON(
                CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'survey'
            ) IN ('nps'),
            FALSE
          )
          AND (
            `t2`.`occurred_at` < (
              `t2`.`first_exposed_at` + INTERVAL '720' HOUR
            )
          )
          AND (
            CASE
              WHEN (
                CASE
                  WHEN (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE
                            WHEN `t2`.`event` IN ('survey_response')
                            AND COALESCE(
                              TRY_ELEMENT_AT(
                                FROM_JSON(
                                  CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                  'map<string,string>'
                                ),
                                'survey'
                              ) IN ('nps'),
                              FALSE
                            )
                            THEN `t2`.`properties`
                            ELSE NULL
                          END,
                          'map<string,string>'
                        ),
                        'score'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE
                            WHEN `t2`.`event` IN ('survey_response')
                            AND COALESCE(
                              TRY_ELEMENT_AT(
                                FROM_JSON(
                                  CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                  'map<string,string>'
                                ),
                                'survey'
                              ) IN ('nps'),
                              FALSE
                            )
                            THEN `t2`.`properties`
                            ELSE NULL
                          END,
                          'map<string,string>'
                        ),
                        'score'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE
                            WHEN `t2`.`event` IN ('survey_response')
                            AND COALESCE(
                              TRY_ELEMENT_AT(
                                FROM_JSON(
                                  CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                  'map<string,string>'
                                ),
                                'survey'
                              ) IN ('nps'),
                              FALSE
                            )
                            THEN `t2`.`properties`
                            ELSE NULL
                          END,
                          'map<string,string>'
                        ),
                        'score'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE
                            WHEN `t2`.`event` IN ('survey_response')
                            AND COALESCE(
                              TRY_ELEMENT_AT(
                                FROM_JSON(
                                  CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                  'map<string,string>'
                                ),
                                'survey'
                              ) IN ('nps'),
                              FALSE
                            )
                            THEN `t2`.`properties`
                            ELSE NULL
                          END,
                          'map<string,string>'
                        ),
                        'score'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('survey_response')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('survey_response')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                  ELSE NULL
                END >= 0
              )
              AND (
                CASE
                  WHEN (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE
                            WHEN `t2`.`event` IN ('survey_response')
                            AND COALESCE(
                              TRY_ELEMENT_AT(
                                FROM_JSON(
                                  CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                  'map<string,string>'
                                ),
                                'survey'
                              ) IN ('nps'),
                              FALSE
                            )
                            THEN `t2`.`properties`
                            ELSE NULL
                          END,
                          'map<string,string>'
                        ),
                        'score'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE
                            WHEN `t2`.`event` IN ('survey_response')
                            AND COALESCE(
                              TRY_ELEMENT_AT(
                                FROM_JSON(
                                  CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                  'map<string,string>'
                                ),
                                'survey'
                              ) IN ('nps'),
                              FALSE
                            )
                            THEN `t2`.`properties`
                            ELSE NULL
                          END,
                          'map<string,string>'
                        ),
                        'score'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE
                            WHEN `t2`.`event` IN ('survey_response')
                            AND COALESCE(
                              TRY_ELEMENT_AT(
                                FROM_JSON(
                                  CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                  'map<string,string>'
                                ),
                                'survey'
                              ) IN ('nps'),
                              FALSE
                            )
                            THEN `t2`.`properties`
                            ELSE NULL
                          END,
                          'map<string,string>'
                        ),
                        'score'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE
                            WHEN `t2`.`event` IN ('survey_response')
                            AND COALESCE(
                              TRY_ELEMENT_AT(
                                FROM_JSON(
                                  CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                  'map<string,string>'
                                ),
                                'survey'
                              ) IN ('nps'),
                              FALSE
                            )
                            THEN `t2`.`properties`
                            ELSE NULL
                          END,
                          'map<string,string>'
                        ),
                        'score'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('survey_response')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('survey_response')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                  ELSE NULL
                END <= 100000
              )
              THEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('survey_response')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('survey_response')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('survey_response')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'score'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE
                          WHEN `t2`.`event` IN ('survey_response')
                          AND COALESCE(
                            TRY_ELEMENT_AT(
                              FROM_JSON(
                                CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                                'map<string,string>'
                              ),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN `t2`.`properties`
                          ELSE NULL
                        END,
                        'map<string,string>'
                      ),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('survey_response')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'survey'
                          ) IN ('nps'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'score'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE
                        WHEN `t2`.`event` IN ('survey_response')
                        AND COALESCE(
                          TRY_ELEMENT_AT(
                            FROM_JSON(
                              CASE WHEN `t2`.`event` IN ('survey_response') THEN `t2`.`properties` ELSE NULL END,
                              'map<string,string>'
                            ),
                            'survey'
                          ) IN ('nps'),
                          FALSE
                        )
                        THEN `t2`.`properties`
                        ELSE NULL
                      END,
                      'map<string,string>'
                    ),
                    'score'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE NULL
            END IS NOT NULL
          ) AS BIGINT)
        ) AS `t12`,
        CAST(SUM(IF(`t2`.`event` IN ('order') AND TRUE, `t2`.`amount_minor`, NULL)) AS BIGINT) AS `t13`,
        CAST(SUM(IF(`t2`.`event` IN ('refund') AND TRUE, `t2`.`amount_minor`, NULL)) AS BIGINT) AS `t14`,
        SUM(
          CAST(`t2`.`event` IN ('opt_out')
          AND (
            `t2`.`occurred_at` < (
              `t2`.`first_exposed_at` + INTERVAL '720' HOUR
            )
          ) AS BIGINT)
        ) AS `t15`
      FROM `unit_conversions` AS `t2`
      GROUP BY
        1
    ) AS `t8`
      ON `t6`.`unit_id` = `t8`.`unit_id`
  ) AS `t9`
) AS `t11`
LEFT OUTER JOIN (
  SELECT
    `t0`.`unit_id`,
    `t0`.`contactable` AS `a0`
  FROM `units` AS `t0`
) AS `t4`
  ON `t11`.`unit_id` = `t4`.`unit_id`
