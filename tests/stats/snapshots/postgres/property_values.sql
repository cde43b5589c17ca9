SELECT
  "t11"."variant",
  "t11"."first_exposed_at",
  DATE(TIMEZONE('Asia/Taipei', TIMEZONE('UTC', "t11"."first_exposed_at"))) AS "day",
  CAST(CAST("t11"."first_exposed_at" <= (
    CAST('as_of' AS TIMESTAMP(6)) - INTERVAL '720 HOUR'
  ) AS INT) AS BIGINT) + CAST(CAST("t11"."first_exposed_at" <= (
    CAST('as_of' AS TIMESTAMP(6)) - INTERVAL '2160 HOUR'
  ) AS INT) AS BIGINT) + CAST(CAST("t11"."first_exposed_at" <= (
    CAST('as_of' AS TIMESTAMP(6)) - INTERVAL '4320 HOUR'
  ) AS INT) AS BIGINT) AS "closed",
  (
    (
      (
        0 + COALESCE("t11"."t0", 0) + COALESCE("t11"."t3", 0)
      ) - COALESCE("t11"."t1", 0)
    ) - COALESCE("t11"."t2", 0)
  ) - (
    COALESCE("t11"."t4", 0) * 10000
  ) AS "v0",
  0 + COALESCE("t11"."t5", 0) AS "v1",
  (
    (
      0 + COALESCE("t11"."t6", 0)
    ) - COALESCE("t11"."t7", 0)
  ) - COALESCE("t11"."t8", 0) AS "v2",
  0 + COALESCE("t11"."t9", 0) AS "v3",
  (
    0 + (
      COALESCE("t11"."t10", 0) * 100
    )
  ) - (
    COALESCE("t11"."t11", 0) * 100
  ) AS "v4",
  0 + COALESCE("t11"."t12", 0) AS "v5",
  (
    (
      0 + (
        COALESCE("t11"."t13", 0) * 10000
      )
    ) - (
      COALESCE("t11"."t14", 0) * 10000
    )
  ) + -20000000 AS "v6",
  CASE
    WHEN (
      "t4"."a0" IS NULL
    ) OR NOT (
      "t4"."a0" IN ('false')
    )
    THEN CAST(CAST((
      0 + COALESCE("t11"."t15", 0)
    ) > 0 AS INT) AS BIGINT)
    ELSE NULL
  END AS "v7"
FROM (
  SELECT
    "t9"."unit_id",
    "t9"."variant",
    "t9"."first_exposed_at",
    "t9"."t0",
    "t9"."t1",
    "t9"."t2",
    "t9"."t3",
    "t9"."t4",
    "t9"."t5",
    "t9"."t6",
    "t9"."t7",
    "t9"."t8",
    "t9"."t9",
    "t9"."t10",
    "t9"."t11",
    "t9"."t12",
    "t9"."t13",
    "t9"."t14",
    "t9"."t15"
  FROM (
    SELECT
      "t6"."unit_id",
      "t6"."variant",
      "t6"."first_exposed_at",
      "t8"."unit_id" AS "unit_id_right",
      "t8"."t0",
      "t8"."t1",
      "t8"."t2",
      "t8"."t3",
      "t8"."t4",
      "t8"."t5",
      "t8"."t6",
      "t8"."t7",
      "t8"."t8",
      "t8"."t9",
      "t8"."t10",
      "t8"."t11",
      "t8"."t12",
      "t8"."t13",
      "t8"."t14",
      "t8"."t15"
    FROM (
      SELECT
        "t1"."unit_id",
        "t1"."variant",
        "t1"."first_exposed_at"
      FROM "unit_spans" AS "t1"
      WHERE
        NOT (
          "t1"."is_crossed"
        )
    ) AS "t6"
    LEFT OUTER JOIN (
      SELECT
        "t2"."unit_id",
        CAST(SUM(
          CASE
            WHEN (
              JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                'margin_minor'
              )
            ) IS NOT NULL
            THEN CASE
              WHEN (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'margin_minor'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'margin_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
              )
              AND (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'margin_minor'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'margin_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
              )
              THEN CAST(CAST(CASE
                WHEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                  'margin_minor'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                  'margin_minor'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
              ELSE NULL
            END
            WHEN (
              JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                'cost_minor'
              )
            ) IS NOT NULL
            THEN (
              "t2"."amount_minor" * 10000
            ) - CASE
              WHEN (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'cost_minor'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'cost_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
              )
              AND (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'cost_minor'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'cost_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
              )
              THEN CAST(CAST(CASE
                WHEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                  'cost_minor'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE WHEN "t2"."event" IN ('order') THEN "t2"."properties" ELSE NULL END AS JSON),
                  'cost_minor'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
              ELSE NULL
            END
            ELSE "t2"."amount_minor" * 4000
          END
        ) FILTER(WHERE
          "t2"."event" IN ('order')
          AND (
            "t2"."occurred_at" < (
              "t2"."first_exposed_at" + INTERVAL '2160 HOUR'
            )
          )) AS BIGINT) AS "t0",
        CAST(SUM(
          CASE
            WHEN (
              JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                'margin_minor'
              )
            ) IS NOT NULL
            THEN CASE
              WHEN (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'margin_minor'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'margin_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
              )
              AND (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'margin_minor'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'margin_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
              )
              THEN CAST(CAST(CASE
                WHEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                  'margin_minor'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                  'margin_minor'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
              ELSE NULL
            END
            WHEN (
              JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                'cost_minor'
              )
            ) IS NOT NULL
            THEN (
              "t2"."amount_minor" * 10000
            ) - CASE
              WHEN (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'cost_minor'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'cost_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
              )
              AND (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'cost_minor'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'cost_minor'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
              )
              THEN CAST(CAST(CASE
                WHEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                  'cost_minor'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE WHEN "t2"."event" IN ('refund') THEN "t2"."properties" ELSE NULL END AS JSON),
                  'cost_minor'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
              ELSE NULL
            END
            ELSE "t2"."amount_minor" * 4000
          END
        ) FILTER(WHERE
          "t2"."event" IN ('refund')
          AND (
            "t2"."occurred_at" < (
              "t2"."first_exposed_at" + INTERVAL '2160 HOUR'
            )
          )) AS BIGINT) AS "t1",
        CAST(SUM(
          "t2"."amount_minor" * CASE
            WHEN (
              JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
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
                        CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
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
                        CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
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
                      CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'breakage'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('reward_issue') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'breakage'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE NULL
            END
          END
        ) FILTER(WHERE
          "t2"."event" IN ('reward_issue')
          AND (
            "t2"."occurred_at" < (
              "t2"."first_exposed_at" + INTERVAL '2160 HOUR'
            )
          )) AS BIGINT) AS "t2",
        CAST(SUM(
          "t2"."amount_minor" * CASE
            WHEN (
              JSON_EXTRACT_PATH_TEXT(
                CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
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
                        CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
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
                        CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                  )
                  AND (
                    CAST(CAST(CASE
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'breakage'
                      )
                      ELSE NULL
                    END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                  )
                  THEN CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
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
                      CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'breakage'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'breakage'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('reward_reverse') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'breakage'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE NULL
            END
          END
        ) FILTER(WHERE
          "t2"."event" IN ('reward_reverse')
          AND (
            "t2"."occurred_at" < (
              "t2"."first_exposed_at" + INTERVAL '2160 HOUR'
            )
          )) AS BIGINT) AS "t3",
        CAST(SUM(COALESCE("t2"."amount_minor", 5)) FILTER(WHERE
          "t2"."event" IN ('contact_sent')
          AND (
            "t2"."occurred_at" < (
              "t2"."first_exposed_at" + INTERVAL '2160 HOUR'
            )
          )) AS BIGINT) AS "t4",
        CAST(SUM(
          CASE
            WHEN CASE
              WHEN (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
              ELSE NULL
            END
            ELSE NULL
          END
        ) FILTER(WHERE
          "t2"."event" IN ('points')
          AND COALESCE(
            JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
              'movement'
            ) IN ('burn'),
            FALSE
          )
          AND (
            (
              "t2"."occurred_at" >= "t2"."first_exposed_at"
            )
            AND (
              "t2"."occurred_at" < (
                "t2"."first_exposed_at" + INTERVAL '2160 HOUR'
              )
            )
          )) AS BIGINT) AS "t5",
        CAST(SUM(
          CASE
            WHEN CASE
              WHEN (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('earn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('earn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('earn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('earn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('earn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('earn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('earn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('earn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('earn'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
              ELSE NULL
            END
            ELSE NULL
          END
        ) FILTER(WHERE
          "t2"."event" IN ('points')
          AND COALESCE(
            JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
              'movement'
            ) IN ('earn'),
            FALSE
          )
          AND (
            "t2"."occurred_at" < (
              "t2"."first_exposed_at" + INTERVAL '2160 HOUR'
            )
          )) AS BIGINT) AS "t6",
        CAST(SUM(
          CASE
            WHEN CASE
              WHEN (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('burn'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('burn'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
              ELSE NULL
            END
            ELSE NULL
          END
        ) FILTER(WHERE
          "t2"."event" IN ('points')
          AND COALESCE(
            JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
              'movement'
            ) IN ('burn'),
            FALSE
          )
          AND (
            "t2"."occurred_at" < "t2"."first_exposed_at"
          )) AS BIGINT) AS "t7",
        CAST(SUM(
          CASE
            WHEN CASE
              WHEN (
                CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('expire'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('expire'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('expire'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('expire'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('expire'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('expire'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('expire'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'points'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('points')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'movement'
                        ) IN ('expire'),
                        FALSE
                      )
                      THEN "t2"."properties"
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
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                THEN JSON_EXTRACT_PATH_TEXT(
                  CAST(CASE
                    WHEN "t2"."event" IN ('points')
                    AND COALESCE(
                      JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
                        'movement'
                      ) IN ('expire'),
                      FALSE
                    )
                    THEN "t2"."properties"
                    ELSE NULL
                  END AS JSON),
                  'points'
                )
                ELSE NULL
              END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
              ELSE NULL
            END
            ELSE NULL
          END
        ) FILTER(WHERE
          "t2"."event" IN ('points')
          AND COALESCE(
            JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END AS JSON),
              'movement'
            ) IN ('expire'),
            FALSE
          )
          AND (
            "t2"."occurred_at" < "t2"."first_exposed_at"
          )) AS BIGINT) AS "t8",
        CASE
          WHEN MAX(
            CASE
              WHEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'covered'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
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
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'covered'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'covered'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE NULL
            END
          ) FILTER(WHERE
            "t2"."event" IN ('progress')
            AND (
              "t2"."occurred_at" < (
                "t2"."first_exposed_at" + INTERVAL '720 HOUR'
              )
            )) > 10000
          THEN 10000
          ELSE MAX(
            CASE
              WHEN CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'covered'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
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
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'covered'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'covered'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'covered'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE NULL
            END
          ) FILTER(WHERE
            "t2"."event" IN ('progress')
            AND (
              "t2"."occurred_at" < (
                "t2"."first_exposed_at" + INTERVAL '720 HOUR'
              )
            ))
        END AS "t9",
        COUNT(*) FILTER(WHERE
          "t2"."event" IN ('survey_response')
          AND COALESCE(
            JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
              'survey'
            ) IN ('nps'),
            FALSE
          )
          AND COALESCE(
            (
              CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'score'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
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
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'score'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
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
            "t2"."occurred_at" < (
              "t2"."first_exposed_at" + INTERVAL '720 HOUR'
            )
          )) AS "t10",
        COUNT(*) FILTER(WHERE
          "t2"."event" IN ('survey_response')
          AND COALESCE(
            JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
              'survey'
            ) IN ('nps'),
            FALSE
          )
          AND COALESCE(
            (
              CASE
                WHEN (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'score'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
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
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) >= -10000000000000000
                )
                AND (
                  CAST(CAST(CASE
                    WHEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                      'score'
                    )
                    ELSE NULL
                  END AS DECIMAL(24, 4)) * 10000 AS BIGINT) <= 10000000000000000
                )
                THEN CAST(CAST(CASE
                  WHEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                    'score'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
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
            "t2"."occurred_at" < (
              "t2"."first_exposed_at" + INTERVAL '720 HOUR'
            )
          )) AS "t11",
        COUNT(*) FILTER(WHERE
          "t2"."event" IN ('survey_response')
          AND COALESCE(
            JSON_EXTRACT_PATH_TEXT(
              CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
              'survey'
            ) IN ('nps'),
            FALSE
          )
          AND (
            "t2"."occurred_at" < (
              "t2"."first_exposed_at" + INTERVAL '720 HOUR'
            )
          )
          AND (
            CASE
              WHEN (
                CASE
                  WHEN (
                    CAST(CAST(CASE
                      WHEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE
                          WHEN "t2"."event" IN ('survey_response')
                          AND COALESCE(
                            JSON_EXTRACT_PATH_TEXT(
                              CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN "t2"."properties"
                          ELSE NULL
                        END AS JSON),
                        'score'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE
                          WHEN "t2"."event" IN ('survey_response')
                          AND COALESCE(
                            JSON_EXTRACT_PATH_TEXT(
                              CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN "t2"."properties"
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
                          WHEN "t2"."event" IN ('survey_response')
                          AND COALESCE(
                            JSON_EXTRACT_PATH_TEXT(
                              CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN "t2"."properties"
                          ELSE NULL
                        END AS JSON),
                        'score'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE
                          WHEN "t2"."event" IN ('survey_response')
                          AND COALESCE(
                            JSON_EXTRACT_PATH_TEXT(
                              CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN "t2"."properties"
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
                        WHEN "t2"."event" IN ('survey_response')
                        AND COALESCE(
                          JSON_EXTRACT_PATH_TEXT(
                            CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                            'survey'
                          ) IN ('nps'),
                          FALSE
                        )
                        THEN "t2"."properties"
                        ELSE NULL
                      END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE
                        WHEN "t2"."event" IN ('survey_response')
                        AND COALESCE(
                          JSON_EXTRACT_PATH_TEXT(
                            CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                            'survey'
                          ) IN ('nps'),
                          FALSE
                        )
                        THEN "t2"."properties"
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
                          WHEN "t2"."event" IN ('survey_response')
                          AND COALESCE(
                            JSON_EXTRACT_PATH_TEXT(
                              CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN "t2"."properties"
                          ELSE NULL
                        END AS JSON),
                        'score'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE
                          WHEN "t2"."event" IN ('survey_response')
                          AND COALESCE(
                            JSON_EXTRACT_PATH_TEXT(
                              CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN "t2"."properties"
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
                          WHEN "t2"."event" IN ('survey_response')
                          AND COALESCE(
                            JSON_EXTRACT_PATH_TEXT(
                              CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN "t2"."properties"
                          ELSE NULL
                        END AS JSON),
                        'score'
                      ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                      THEN JSON_EXTRACT_PATH_TEXT(
                        CAST(CASE
                          WHEN "t2"."event" IN ('survey_response')
                          AND COALESCE(
                            JSON_EXTRACT_PATH_TEXT(
                              CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                              'survey'
                            ) IN ('nps'),
                            FALSE
                          )
                          THEN "t2"."properties"
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
                        WHEN "t2"."event" IN ('survey_response')
                        AND COALESCE(
                          JSON_EXTRACT_PATH_TEXT(
                            CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                            'survey'
                          ) IN ('nps'),
                          FALSE
                        )
                        THEN "t2"."properties"
                        ELSE NULL
                      END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE
                        WHEN "t2"."event" IN ('survey_response')
                        AND COALESCE(
                          JSON_EXTRACT_PATH_TEXT(
                            CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                            'survey'
                          ) IN ('nps'),
                          FALSE
                        )
                        THEN "t2"."properties"
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
                        WHEN "t2"."event" IN ('survey_response')
                        AND COALESCE(
                          JSON_EXTRACT_PATH_TEXT(
                            CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                            'survey'
                          ) IN ('nps'),
                          FALSE
                        )
                        THEN "t2"."properties"
                        ELSE NULL
                      END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE
                        WHEN "t2"."event" IN ('survey_response')
                        AND COALESCE(
                          JSON_EXTRACT_PATH_TEXT(
                            CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                            'survey'
                          ) IN ('nps'),
                          FALSE
                        )
                        THEN "t2"."properties"
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
                        WHEN "t2"."event" IN ('survey_response')
                        AND COALESCE(
                          JSON_EXTRACT_PATH_TEXT(
                            CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                            'survey'
                          ) IN ('nps'),
                          FALSE
                        )
                        THEN "t2"."properties"
                        ELSE NULL
                      END AS JSON),
                      'score'
                    ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                    THEN JSON_EXTRACT_PATH_TEXT(
                      CAST(CASE
                        WHEN "t2"."event" IN ('survey_response')
                        AND COALESCE(
                          JSON_EXTRACT_PATH_TEXT(
                            CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                            'survey'
                          ) IN ('nps'),
                          FALSE
                        )
                        THEN "t2"."properties"
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
                      WHEN "t2"."event" IN ('survey_response')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'survey'
                        ) IN ('nps'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'score'
                  ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
                  THEN JSON_EXTRACT_PATH_TEXT(
                    CAST(CASE
                      WHEN "t2"."event" IN ('survey_response')
                      AND COALESCE(
                        JSON_EXTRACT_PATH_TEXT(
                          CAST(CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END AS JSON),
                          'survey'
                        ) IN ('nps'),
                        FALSE
                      )
                      THEN "t2"."properties"
                      ELSE NULL
                    END AS JSON),
                    'score'
                  )
                  ELSE NULL
                END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
                ELSE NULL
              END
              ELSE NULL
            END IS NOT NULL
          )) AS "t12",
        CAST(SUM("t2"."amount_minor") FILTER(WHERE
          "t2"."event" IN ('order') AND TRUE) AS BIGINT) AS "t13",
        CAST(SUM("t2"."amount_minor") FILTER(WHERE
          "t2"."event" IN ('refund') AND TRUE) AS BIGINT) AS "t14",
        COUNT(*) FILTER(WHERE
          "t2"."event" IN ('opt_out')
          AND (
            "t2"."occurred_at" < (
              "t2"."first_exposed_at" + INTERVAL '720 HOUR'
            )
          )) AS "t15"
      FROM "unit_conversions" AS "t2"
      GROUP BY
        1
    ) AS "t8"
      ON "t6"."unit_id" = "t8"."unit_id"
  ) AS "t9"
) AS "t11"
LEFT OUTER JOIN (
  SELECT
    "t0"."unit_id",
    "t0"."contactable" AS "a0"
  FROM "units" AS "t0"
) AS "t4"
  ON "t11"."unit_id" = "t4"."unit_id"
