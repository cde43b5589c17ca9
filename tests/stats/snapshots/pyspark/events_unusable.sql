SELECT
  SUM(
    CAST(`t1`.`event` IN ('order')
    AND (
      CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'margin_minor'
        ) IS NOT NULL
        THEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'margin_minor'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
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
                  CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'margin_minor'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
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
                CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'margin_minor'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
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
            CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'cost_minor'
        ) IS NOT NULL
        THEN (
          `t1`.`amount_minor` * 10000
        ) - CASE
          WHEN (
            CAST(CAST(CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'cost_minor'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
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
                  CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'cost_minor'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
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
                CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'cost_minor'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE WHEN `t1`.`event` IN ('order') THEN `t1`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'cost_minor'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        ELSE `t1`.`amount_minor` * 4000
      END IS NULL
    ) AS BIGINT)
  ) AS `u0`,
  SUM(
    CAST(`t1`.`event` IN ('refund')
    AND (
      CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'margin_minor'
        ) IS NOT NULL
        THEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'margin_minor'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
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
                  CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'margin_minor'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
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
                CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'margin_minor'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
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
            CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'cost_minor'
        ) IS NOT NULL
        THEN (
          `t1`.`amount_minor` * 10000
        ) - CASE
          WHEN (
            CAST(CAST(CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'cost_minor'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
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
                  CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'cost_minor'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
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
                CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'cost_minor'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE WHEN `t1`.`event` IN ('refund') THEN `t1`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'cost_minor'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        ELSE `t1`.`amount_minor` * 4000
      END IS NULL
    ) AS BIGINT)
  ) AS `u1`,
  SUM(
    CAST(`t1`.`event` IN ('reward_issue')
    AND (
      (
        (
          `t1`.`amount_minor` * CASE
            WHEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
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
                          CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
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
                          CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
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
                        CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
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
                          CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
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
                          CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
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
                        CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
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
                        CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
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
                        CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
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
                      CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'breakage'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t1`.`event` IN ('reward_issue') THEN `t1`.`properties` ELSE NULL END,
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
          END
        ) IS NULL
      )
      AND (
        `t1`.`amount_minor` IS NOT NULL
      )
    ) AS BIGINT)
  ) AS `u2`,
  SUM(
    CAST(`t1`.`event` IN ('reward_reverse')
    AND (
      (
        (
          `t1`.`amount_minor` * CASE
            WHEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
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
                          CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
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
                          CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
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
                        CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
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
                          CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
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
                          CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'breakage'
                      ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
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
                        CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
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
                        CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
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
                        CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'breakage'
                    ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
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
                      CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
                      'map<string,string>'
                    ),
                    'breakage'
                  ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN TRY_ELEMENT_AT(
                    FROM_JSON(
                      CASE WHEN `t1`.`event` IN ('reward_reverse') THEN `t1`.`properties` ELSE NULL END,
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
          END
        ) IS NULL
      )
      AND (
        `t1`.`amount_minor` IS NOT NULL
      )
    ) AS BIGINT)
  ) AS `u3`,
  SUM(
    CAST(`t1`.`event` IN ('points')
    AND COALESCE(
      TRY_ELEMENT_AT(
        FROM_JSON(
          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
          'map<string,string>'
        ),
        'movement'
      ) IN ('burn'),
      FALSE
    )
    AND (
      CASE
        WHEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN `t1`.`properties`
                  ELSE NULL
                END,
                'map<string,string>'
              ),
              'points'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN `t1`.`properties`
                  ELSE NULL
                END,
                'map<string,string>'
              ),
              'points'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN `t1`.`properties`
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
      END IS NULL
    ) AS BIGINT)
  ) AS `u4`,
  SUM(
    CAST(`t1`.`event` IN ('points')
    AND COALESCE(
      TRY_ELEMENT_AT(
        FROM_JSON(
          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
          'map<string,string>'
        ),
        'movement'
      ) IN ('earn'),
      FALSE
    )
    AND (
      CASE
        WHEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN `t1`.`properties`
                  ELSE NULL
                END,
                'map<string,string>'
              ),
              'points'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN `t1`.`properties`
                  ELSE NULL
                END,
                'map<string,string>'
              ),
              'points'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN `t1`.`properties`
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
      END IS NULL
    ) AS BIGINT)
  ) AS `u5`,
  SUM(
    CAST(`t1`.`event` IN ('points')
    AND COALESCE(
      TRY_ELEMENT_AT(
        FROM_JSON(
          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
          'map<string,string>'
        ),
        'movement'
      ) IN ('expire'),
      FALSE
    )
    AND (
      CASE
        WHEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN `t1`.`properties`
                  ELSE NULL
                END,
                'map<string,string>'
              ),
              'points'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'points'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('points')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN `t1`.`properties`
                  ELSE NULL
                END,
                'map<string,string>'
              ),
              'points'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE
                  WHEN `t1`.`event` IN ('points')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN `t1`.`properties`
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
      END IS NULL
    ) AS BIGINT)
  ) AS `u6`,
  SUM(
    CAST(`t1`.`event` IN ('progress')
    AND (
      CASE
        WHEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'covered'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
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
                  CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'covered'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
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
                CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'covered'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
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
                  CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'covered'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
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
                  CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
                  'map<string,string>'
                ),
                'covered'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
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
                CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'covered'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
                'map<string,string>'
              ),
              'covered'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        ELSE NULL
      END IS NULL
    ) AS BIGINT)
  ) AS `u7`,
  SUM(
    CAST(`t1`.`event` IN ('survey_response')
    AND COALESCE(
      TRY_ELEMENT_AT(
        FROM_JSON(
          CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
          'map<string,string>'
        ),
        'survey'
      ) IN ('nps'),
      FALSE
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
                      WHEN `t1`.`event` IN ('survey_response')
                      AND COALESCE(
                        TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'survey'
                        ) IN ('nps'),
                        FALSE
                      )
                      THEN `t1`.`properties`
                      ELSE NULL
                    END,
                    'map<string,string>'
                  ),
                  'score'
                ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN TRY_ELEMENT_AT(
                  FROM_JSON(
                    CASE
                      WHEN `t1`.`event` IN ('survey_response')
                      AND COALESCE(
                        TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'survey'
                        ) IN ('nps'),
                        FALSE
                      )
                      THEN `t1`.`properties`
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
                      WHEN `t1`.`event` IN ('survey_response')
                      AND COALESCE(
                        TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'survey'
                        ) IN ('nps'),
                        FALSE
                      )
                      THEN `t1`.`properties`
                      ELSE NULL
                    END,
                    'map<string,string>'
                  ),
                  'score'
                ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN TRY_ELEMENT_AT(
                  FROM_JSON(
                    CASE
                      WHEN `t1`.`event` IN ('survey_response')
                      AND COALESCE(
                        TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'survey'
                        ) IN ('nps'),
                        FALSE
                      )
                      THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('survey_response')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'score'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('survey_response')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                      WHEN `t1`.`event` IN ('survey_response')
                      AND COALESCE(
                        TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'survey'
                        ) IN ('nps'),
                        FALSE
                      )
                      THEN `t1`.`properties`
                      ELSE NULL
                    END,
                    'map<string,string>'
                  ),
                  'score'
                ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN TRY_ELEMENT_AT(
                  FROM_JSON(
                    CASE
                      WHEN `t1`.`event` IN ('survey_response')
                      AND COALESCE(
                        TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'survey'
                        ) IN ('nps'),
                        FALSE
                      )
                      THEN `t1`.`properties`
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
                      WHEN `t1`.`event` IN ('survey_response')
                      AND COALESCE(
                        TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'survey'
                        ) IN ('nps'),
                        FALSE
                      )
                      THEN `t1`.`properties`
                      ELSE NULL
                    END,
                    'map<string,string>'
                  ),
                  'score'
                ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN TRY_ELEMENT_AT(
                  FROM_JSON(
                    CASE
                      WHEN `t1`.`event` IN ('survey_response')
                      AND COALESCE(
                        TRY_ELEMENT_AT(
                          FROM_JSON(
                            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                            'map<string,string>'
                          ),
                          'survey'
                        ) IN ('nps'),
                        FALSE
                      )
                      THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('survey_response')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'score'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('survey_response')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('survey_response')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'score'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('survey_response')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                    WHEN `t1`.`event` IN ('survey_response')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN `t1`.`properties`
                    ELSE NULL
                  END,
                  'map<string,string>'
                ),
                'score'
              ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN TRY_ELEMENT_AT(
                FROM_JSON(
                  CASE
                    WHEN `t1`.`event` IN ('survey_response')
                    AND COALESCE(
                      TRY_ELEMENT_AT(
                        FROM_JSON(
                          CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                          'map<string,string>'
                        ),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN `t1`.`properties`
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
                  WHEN `t1`.`event` IN ('survey_response')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'survey'
                    ) IN ('nps'),
                    FALSE
                  )
                  THEN `t1`.`properties`
                  ELSE NULL
                END,
                'map<string,string>'
              ),
              'score'
            ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN TRY_ELEMENT_AT(
              FROM_JSON(
                CASE
                  WHEN `t1`.`event` IN ('survey_response')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'survey'
                    ) IN ('nps'),
                    FALSE
                  )
                  THEN `t1`.`properties`
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
      END IS NULL
    ) AS BIGINT)
  ) AS `u8`
FROM (
  SELECT
    *
  FROM `conversions` AS `t0`
  WHERE
    `t0`.`occurred_at` <= CAST('as_of' AS TIMESTAMP)
    AND `t0`.`event` IN (
      'order',
      'points',
      'progress',
      'refund',
      'reward_issue',
      'reward_reverse',
      'survey_response'
    )
    AND (
      (
        `t0`.`amount_minor` IS NULL
      ) OR (
        COALESCE(`t0`.`currency`, '') = 'TWD'
      )
    )
) AS `t1`
