SELECT
  COUNT(*) FILTER(WHERE
    "t1"."event" IN ('order')
    AND (
      CASE
        WHEN (
          JSON_EXTRACT_PATH_TEXT(
            CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
            'margin_minor'
          )
        ) IS NOT NULL
        THEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
                'margin_minor'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
                'margin_minor'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
                'margin_minor'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
                'margin_minor'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
              'margin_minor'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
              'margin_minor'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        WHEN (
          JSON_EXTRACT_PATH_TEXT(
            CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
            'cost_minor'
          )
        ) IS NOT NULL
        THEN (
          "t1"."amount_minor" * 10000
        ) - CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
                'cost_minor'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
                'cost_minor'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
                'cost_minor'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
                'cost_minor'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
              'cost_minor'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('order') THEN "t1"."properties" ELSE NULL END AS JSON),
              'cost_minor'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        ELSE "t1"."amount_minor" * 4000
      END IS NULL
    )) AS "u0",
  COUNT(*) FILTER(WHERE
    "t1"."event" IN ('refund')
    AND (
      CASE
        WHEN (
          JSON_EXTRACT_PATH_TEXT(
            CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
            'margin_minor'
          )
        ) IS NOT NULL
        THEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
                'margin_minor'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
                'margin_minor'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
                'margin_minor'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
                'margin_minor'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
              'margin_minor'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
              'margin_minor'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        WHEN (
          JSON_EXTRACT_PATH_TEXT(
            CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
            'cost_minor'
          )
        ) IS NOT NULL
        THEN (
          "t1"."amount_minor" * 10000
        ) - CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
                'cost_minor'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
                'cost_minor'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
                'cost_minor'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
                'cost_minor'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
              'cost_minor'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('refund') THEN "t1"."properties" ELSE NULL END AS JSON),
              'cost_minor'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        ELSE "t1"."amount_minor" * 4000
      END IS NULL
    )) AS "u1",
  COUNT(*) FILTER(WHERE
    "t1"."event" IN ('reward_issue')
    AND (
      (
        (
          "t1"."amount_minor" * CASE
            WHEN (
              JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                'breakage'
              )
            ) IS NULL
            THEN 10000
            ELSE 10000 - CASE
              WHEN (
                CASE
                  WHEN (
                    CAST(CAST(CASE
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
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
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
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
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'breakage'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('reward_issue') THEN "t1"."properties" ELSE NULL END AS JSON),
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
        "t1"."amount_minor" IS NOT NULL
      )
    )) AS "u2",
  COUNT(*) FILTER(WHERE
    "t1"."event" IN ('reward_reverse')
    AND (
      (
        (
          "t1"."amount_minor" * CASE
            WHEN (
              JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                'breakage'
              )
            ) IS NULL
            THEN 10000
            ELSE 10000 - CASE
              WHEN (
                CASE
                  WHEN (
                    CAST(CAST(CASE
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
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
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
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
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'breakage'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('reward_reverse') THEN "t1"."properties" ELSE NULL END AS JSON),
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
        "t1"."amount_minor" IS NOT NULL
      )
    )) AS "u3",
  COUNT(*) FILTER(WHERE
    "t1"."event" IN ('points')
    AND COALESCE(
      JSON_EXTRACT_PATH_TEXT(
        CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
        'movement'
      ) IN ('burn'),
      FALSE
    )
    AND (
      CASE
        WHEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('burn'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('burn'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END >= 0
        THEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('burn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('burn'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('burn'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        ELSE NULL
      END IS NULL
    )) AS "u4",
  COUNT(*) FILTER(WHERE
    "t1"."event" IN ('points')
    AND COALESCE(
      JSON_EXTRACT_PATH_TEXT(
        CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
        'movement'
      ) IN ('earn'),
      FALSE
    )
    AND (
      CASE
        WHEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('earn'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('earn'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END >= 0
        THEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('earn'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('earn'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('earn'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        ELSE NULL
      END IS NULL
    )) AS "u5",
  COUNT(*) FILTER(WHERE
    "t1"."event" IN ('points')
    AND COALESCE(
      JSON_EXTRACT_PATH_TEXT(
        CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
        'movement'
      ) IN ('expire'),
      FALSE
    )
    AND (
      CASE
        WHEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('expire'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('expire'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END >= 0
        THEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('points')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'movement'
                    ) IN ('expire'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'points'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('expire'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('points')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'movement'
                  ) IN ('expire'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'points'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        ELSE NULL
      END IS NULL
    )) AS "u6",
  COUNT(*) FILTER(WHERE
    "t1"."event" IN ('progress')
    AND (
      CASE
        WHEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
                'covered'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
                'covered'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
                'covered'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
                'covered'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
              'covered'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
              'covered'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END >= 0
        THEN CASE
          WHEN (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
                'covered'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
                'covered'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
                'covered'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
                'covered'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
              'covered'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
              'covered'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        ELSE NULL
      END IS NULL
    )) AS "u7",
  COUNT(*) FILTER(WHERE
    "t1"."event" IN ('survey_response')
    AND COALESCE(
      JSON_EXTRACT_PATH_TEXT(
        CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
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
                WHEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t1"."event" IN ('survey_response')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN "t1"."properties"
                    ELSE NULL
                  END AS JSON),
                  'score'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t1"."event" IN ('survey_response')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN "t1"."properties"
                    ELSE NULL
                  END AS JSON),
                  'score'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
            )
            AND (
              CAST(CAST(CASE
                WHEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t1"."event" IN ('survey_response')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN "t1"."properties"
                    ELSE NULL
                  END AS JSON),
                  'score'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t1"."event" IN ('survey_response')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN "t1"."properties"
                    ELSE NULL
                  END AS JSON),
                  'score'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
            )
            THEN CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('survey_response')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'survey'
                    ) IN ('nps'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'score'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('survey_response')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'survey'
                    ) IN ('nps'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
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
                WHEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t1"."event" IN ('survey_response')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN "t1"."properties"
                    ELSE NULL
                  END AS JSON),
                  'score'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t1"."event" IN ('survey_response')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN "t1"."properties"
                    ELSE NULL
                  END AS JSON),
                  'score'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
            )
            AND (
              CAST(CAST(CASE
                WHEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t1"."event" IN ('survey_response')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN "t1"."properties"
                    ELSE NULL
                  END AS JSON),
                  'score'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t1"."event" IN ('survey_response')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                        'survey'
                      ) IN ('nps'),
                      FALSE
                    )
                    THEN "t1"."properties"
                    ELSE NULL
                  END AS JSON),
                  'score'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
            )
            THEN CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('survey_response')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'survey'
                    ) IN ('nps'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'score'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('survey_response')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'survey'
                    ) IN ('nps'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
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
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('survey_response')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'survey'
                    ) IN ('nps'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'score'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('survey_response')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'survey'
                    ) IN ('nps'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'score'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
          )
          AND (
            CAST(CAST(CASE
              WHEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('survey_response')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'survey'
                    ) IN ('nps'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'score'
              ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              THEN JSON_EXTRACT_PATH_TEXT(
                CAST(CASE
                  WHEN "t1"."event" IN ('survey_response')
                  AND COALESCE(
                    JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                      'survey'
                    ) IN ('nps'),
                    FALSE
                  )
                  THEN "t1"."properties"
                  ELSE NULL
                END AS JSON),
                'score'
              )
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
          )
          THEN CAST(CAST(CASE
            WHEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('survey_response')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'survey'
                  ) IN ('nps'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'score'
            ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
            THEN JSON_EXTRACT_PATH_TEXT(
              CAST(CASE
                WHEN "t1"."event" IN ('survey_response')
                AND COALESCE(
                  JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
                    'survey'
                  ) IN ('nps'),
                  FALSE
                )
                THEN "t1"."properties"
                ELSE NULL
              END AS JSON),
              'score'
            )
            ELSE NULL
          END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
          ELSE NULL
        END
        ELSE NULL
      END IS NULL
    )) AS "u8"
FROM (
  SELECT
    *
  FROM "conversions" AS "t0"
  WHERE
    "t0"."occurred_at" <= CAST('as_of' AS TIMESTAMP(6))
    AND "t0"."event" IN (
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
        "t0"."amount_minor" IS NULL
      ) OR (
        COALESCE("t0"."currency", '') = 'TWD'
      )
    )
) AS "t1"
