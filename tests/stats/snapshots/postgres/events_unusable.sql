SELECT
  COUNT(*) FILTER(WHERE
    "t2"."event" IN ('order')
    AND (
      CASE
        WHEN "t2"."p3" IS NOT NULL
        THEN "t2"."n3"
        WHEN "t2"."p1" IS NOT NULL
        THEN (
          "t2"."amount_minor" * 10000
        ) - "t2"."n1"
        ELSE "t2"."amount_minor" * 4000
      END IS NULL
    )) AS "u0",
  COUNT(*) FILTER(WHERE
    "t2"."event" IN ('refund')
    AND (
      CASE
        WHEN "t2"."p3" IS NOT NULL
        THEN "t2"."n3"
        WHEN "t2"."p1" IS NOT NULL
        THEN (
          "t2"."amount_minor" * 10000
        ) - "t2"."n1"
        ELSE "t2"."amount_minor" * 4000
      END IS NULL
    )) AS "u1",
  COUNT(*) FILTER(WHERE
    "t2"."event" IN ('reward_issue')
    AND (
      (
        (
          "t2"."amount_minor" * CASE
            WHEN "t2"."p0" IS NULL
            THEN 10000
            ELSE 10000 - CASE
              WHEN (
                "t2"."n0" >= 0
              ) AND (
                "t2"."n0" <= 10000
              )
              THEN "t2"."n0"
              ELSE NULL
            END
          END
        ) IS NULL
      )
      AND (
        "t2"."amount_minor" IS NOT NULL
      )
    )) AS "u2",
  COUNT(*) FILTER(WHERE
    "t2"."event" IN ('reward_reverse')
    AND (
      (
        (
          "t2"."amount_minor" * CASE
            WHEN "t2"."p0" IS NULL
            THEN 10000
            ELSE 10000 - CASE
              WHEN (
                "t2"."n0" >= 0
              ) AND (
                "t2"."n0" <= 10000
              )
              THEN "t2"."n0"
              ELSE NULL
            END
          END
        ) IS NULL
      )
      AND (
        "t2"."amount_minor" IS NOT NULL
      )
    )) AS "u3",
  COUNT(*) FILTER(WHERE
    "t2"."event" IN ('points')
    AND COALESCE("t2"."p4" IN ('burn'), FALSE)
    AND (
      CASE WHEN "t2"."n5" >= 0 THEN "t2"."n5" ELSE NULL END IS NULL
    )) AS "u4",
  COUNT(*) FILTER(WHERE
    "t2"."event" IN ('points')
    AND COALESCE("t2"."p4" IN ('earn'), FALSE)
    AND (
      CASE WHEN "t2"."n5" >= 0 THEN "t2"."n5" ELSE NULL END IS NULL
    )) AS "u5",
  COUNT(*) FILTER(WHERE
    "t2"."event" IN ('points')
    AND COALESCE("t2"."p4" IN ('expire'), FALSE)
    AND (
      CASE WHEN "t2"."n5" >= 0 THEN "t2"."n5" ELSE NULL END IS NULL
    )) AS "u6",
  COUNT(*) FILTER(WHERE
    "t2"."event" IN ('progress')
    AND (
      CASE WHEN "t2"."n2" >= 0 THEN "t2"."n2" ELSE NULL END IS NULL
    )) AS "u7",
  COUNT(*) FILTER(WHERE
    "t2"."event" IN ('survey_response')
    AND COALESCE("t2"."p7" IN ('nps'), FALSE)
    AND (
      CASE
        WHEN (
          "t2"."n6" >= 0
        ) AND (
          "t2"."n6" <= 100000
        )
        THEN "t2"."n6"
        ELSE NULL
      END IS NULL
    )) AS "u8"
FROM (
  SELECT
    "t1"."member_id",
    "t1"."event",
    "t1"."occurred_at",
    "t1"."amount_minor",
    "t1"."currency",
    "t1"."properties",
    JSON_EXTRACT_PATH_TEXT(
      CAST(CASE
        WHEN "t1"."event" IN ('reward_issue', 'reward_reverse')
        THEN "t1"."properties"
        ELSE NULL
      END AS JSON),
      'breakage'
    ) AS "p0",
    CASE
      WHEN CAST(CAST(CASE
        WHEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE
            WHEN "t1"."event" IN ('reward_issue', 'reward_reverse')
            THEN "t1"."properties"
            ELSE NULL
          END AS JSON),
          'breakage'
        ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE
            WHEN "t1"."event" IN ('reward_issue', 'reward_reverse')
            THEN "t1"."properties"
            ELSE NULL
          END AS JSON),
          'breakage'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE
            WHEN "t1"."event" IN ('reward_issue', 'reward_reverse')
            THEN "t1"."properties"
            ELSE NULL
          END AS JSON),
          'breakage'
        ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE
            WHEN "t1"."event" IN ('reward_issue', 'reward_reverse')
            THEN "t1"."properties"
            ELSE NULL
          END AS JSON),
          'breakage'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS "n0",
    JSON_EXTRACT_PATH_TEXT(
      CAST(CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END AS JSON),
      'cost_minor'
    ) AS "p1",
    CASE
      WHEN CAST(CAST(CASE
        WHEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END AS JSON),
          'cost_minor'
        ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END AS JSON),
          'cost_minor'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END AS JSON),
          'cost_minor'
        ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END AS JSON),
          'cost_minor'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS "n1",
    JSON_EXTRACT_PATH_TEXT(
      CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
      'covered'
    ) AS "p2",
    CASE
      WHEN CAST(CAST(CASE
        WHEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
          'covered'
        ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END AS JSON),
          'covered'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
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
    END AS "n2",
    JSON_EXTRACT_PATH_TEXT(
      CAST(CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END AS JSON),
      'margin_minor'
    ) AS "p3",
    CASE
      WHEN CAST(CAST(CASE
        WHEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END AS JSON),
          'margin_minor'
        ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END AS JSON),
          'margin_minor'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END AS JSON),
          'margin_minor'
        ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END AS JSON),
          'margin_minor'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS "n3",
    JSON_EXTRACT_PATH_TEXT(
      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
      'movement'
    ) AS "p4",
    JSON_EXTRACT_PATH_TEXT(
      CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
      'points'
    ) AS "p5",
    CASE
      WHEN CAST(CAST(CASE
        WHEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
          'points'
        ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
          'points'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
          'points'
        ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END AS JSON),
          'points'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS "n5",
    JSON_EXTRACT_PATH_TEXT(
      CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
      'score'
    ) AS "p6",
    CASE
      WHEN CAST(CAST(CASE
        WHEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
          'score'
        ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
          'score'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
          'score'
        ) ~ '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN JSON_EXTRACT_PATH_TEXT(
          CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
          'score'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS "n6",
    JSON_EXTRACT_PATH_TEXT(
      CAST(CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END AS JSON),
      'survey'
    ) AS "p7"
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
) AS "t2"
