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
    CASE
      WHEN "t1"."event" IN ('reward_issue', 'reward_reverse')
      THEN "t1"."properties"
      ELSE NULL
    END ->> '/breakage' AS "p0",
    CASE
      WHEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE
              WHEN "t1"."event" IN ('reward_issue', 'reward_reverse')
              THEN "t1"."properties"
              ELSE NULL
            END ->> '/breakage'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE
          WHEN "t1"."event" IN ('reward_issue', 'reward_reverse')
          THEN "t1"."properties"
          ELSE NULL
        END ->> '/breakage'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE
              WHEN "t1"."event" IN ('reward_issue', 'reward_reverse')
              THEN "t1"."properties"
              ELSE NULL
            END ->> '/breakage'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE
          WHEN "t1"."event" IN ('reward_issue', 'reward_reverse')
          THEN "t1"."properties"
          ELSE NULL
        END ->> '/breakage'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS "n0",
    CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END ->> '/cost_minor' AS "p1",
    CASE
      WHEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END ->> '/cost_minor'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END ->> '/cost_minor'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END ->> '/cost_minor'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END ->> '/cost_minor'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS "n1",
    CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END ->> '/covered' AS "p2",
    CASE
      WHEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END ->> '/covered'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END ->> '/covered'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END ->> '/covered'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE WHEN "t1"."event" IN ('progress') THEN "t1"."properties" ELSE NULL END ->> '/covered'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS "n2",
    CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END ->> '/margin_minor' AS "p3",
    CASE
      WHEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END ->> '/margin_minor'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END ->> '/margin_minor'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END ->> '/margin_minor'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE WHEN "t1"."event" IN ('order', 'refund') THEN "t1"."properties" ELSE NULL END ->> '/margin_minor'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS "n3",
    CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END ->> '/movement' AS "p4",
    CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END ->> '/points' AS "p5",
    CASE
      WHEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END ->> '/points'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END ->> '/points'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END ->> '/points'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE WHEN "t1"."event" IN ('points') THEN "t1"."properties" ELSE NULL END ->> '/points'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS "n5",
    CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END ->> '/score' AS "p6",
    CASE
      WHEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END ->> '/score'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END ->> '/score'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN REGEXP_MATCHES(
          (
            CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END ->> '/score'
          ),
          '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        )
        THEN CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END ->> '/score'
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS "n6",
    CASE WHEN "t1"."event" IN ('survey_response') THEN "t1"."properties" ELSE NULL END ->> '/survey' AS "p7"
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
