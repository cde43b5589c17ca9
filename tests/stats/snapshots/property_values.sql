SELECT
  "t12"."variant",
  "t12"."first_exposed_at",
  CAST(TIMEZONE('Asia/Taipei', TIMEZONE('UTC', "t12"."first_exposed_at")) AS DATE) AS "day",
  CAST("t12"."first_exposed_at" <= (
    CAST('as_of' AS TIMESTAMP(6)) - INTERVAL '720' HOUR
  ) AS BIGINT) + CAST("t12"."first_exposed_at" <= (
    CAST('as_of' AS TIMESTAMP(6)) - INTERVAL '2160' HOUR
  ) AS BIGINT) + CAST("t12"."first_exposed_at" <= (
    CAST('as_of' AS TIMESTAMP(6)) - INTERVAL '4320' HOUR
  ) AS BIGINT) AS "closed",
  (
    (
      (
        0 + COALESCE("t12"."t0", 0) + COALESCE("t12"."t3", 0)
      ) - COALESCE("t12"."t1", 0)
    ) - COALESCE("t12"."t2", 0)
  ) - (
    COALESCE("t12"."t4", 0) * 10000
  ) AS "v0",
  0 + COALESCE("t12"."t5", 0) AS "v1",
  (
    (
      0 + COALESCE("t12"."t6", 0)
    ) - COALESCE("t12"."t7", 0)
  ) - COALESCE("t12"."t8", 0) AS "v2",
  0 + COALESCE("t12"."t9", 0) AS "v3",
  (
    0 + (
      COALESCE("t12"."t10", 0) * 100
    )
  ) - (
    COALESCE("t12"."t11", 0) * 100
  ) AS "v4",
  0 + COALESCE("t12"."t12", 0) AS "v5",
  (
    (
      0 + (
        COALESCE("t12"."t13", 0) * 10000
      )
    ) - (
      COALESCE("t12"."t14", 0) * 10000
    )
  ) + -20000000 AS "v6",
  CASE
    WHEN (
      "t4"."a0" IS NULL
    ) OR NOT (
      "t4"."a0" IN ('false')
    )
    THEN CAST((
      0 + COALESCE("t12"."t15", 0)
    ) > 0 AS BIGINT)
    ELSE NULL
  END AS "v7"
FROM (
  SELECT
    "t10".*
    EXCLUDE ("unit_id_right")
  FROM (
    SELECT
      "t6"."unit_id",
      "t6"."variant",
      "t6"."first_exposed_at",
      "t9"."unit_id" AS "unit_id_right",
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
        "t7"."unit_id",
        CAST(SUM(
          CASE
            WHEN "t7"."p3" IS NOT NULL
            THEN "t7"."n3"
            WHEN "t7"."p1" IS NOT NULL
            THEN (
              "t7"."amount_minor" * 10000
            ) - "t7"."n1"
            ELSE "t7"."amount_minor" * 4000
          END
        ) FILTER(WHERE
          "t7"."event" IN ('order')
          AND (
            "t7"."occurred_at" < (
              "t7"."first_exposed_at" + INTERVAL '2160' HOUR
            )
          )) AS BIGINT) AS "t0",
        CAST(SUM(
          CASE
            WHEN "t7"."p3" IS NOT NULL
            THEN "t7"."n3"
            WHEN "t7"."p1" IS NOT NULL
            THEN (
              "t7"."amount_minor" * 10000
            ) - "t7"."n1"
            ELSE "t7"."amount_minor" * 4000
          END
        ) FILTER(WHERE
          "t7"."event" IN ('refund')
          AND (
            "t7"."occurred_at" < (
              "t7"."first_exposed_at" + INTERVAL '2160' HOUR
            )
          )) AS BIGINT) AS "t1",
        CAST(SUM(
          "t7"."amount_minor" * CASE
            WHEN "t7"."p0" IS NULL
            THEN 10000
            ELSE 10000 - CASE
              WHEN (
                "t7"."n0" >= 0
              ) AND (
                "t7"."n0" <= 10000
              )
              THEN "t7"."n0"
              ELSE NULL
            END
          END
        ) FILTER(WHERE
          "t7"."event" IN ('reward_issue')
          AND (
            "t7"."occurred_at" < (
              "t7"."first_exposed_at" + INTERVAL '2160' HOUR
            )
          )) AS BIGINT) AS "t2",
        CAST(SUM(
          "t7"."amount_minor" * CASE
            WHEN "t7"."p0" IS NULL
            THEN 10000
            ELSE 10000 - CASE
              WHEN (
                "t7"."n0" >= 0
              ) AND (
                "t7"."n0" <= 10000
              )
              THEN "t7"."n0"
              ELSE NULL
            END
          END
        ) FILTER(WHERE
          "t7"."event" IN ('reward_reverse')
          AND (
            "t7"."occurred_at" < (
              "t7"."first_exposed_at" + INTERVAL '2160' HOUR
            )
          )) AS BIGINT) AS "t3",
        CAST(SUM(COALESCE("t7"."amount_minor", 5)) FILTER(WHERE
          "t7"."event" IN ('contact_sent')
          AND (
            "t7"."occurred_at" < (
              "t7"."first_exposed_at" + INTERVAL '2160' HOUR
            )
          )) AS BIGINT) AS "t4",
        CAST(SUM(CASE WHEN "t7"."n5" >= 0 THEN "t7"."n5" ELSE NULL END) FILTER(WHERE
          "t7"."event" IN ('points')
          AND COALESCE("t7"."p4" IN ('burn'), FALSE)
          AND (
            (
              "t7"."occurred_at" >= "t7"."first_exposed_at"
            )
            AND (
              "t7"."occurred_at" < (
                "t7"."first_exposed_at" + INTERVAL '2160' HOUR
              )
            )
          )) AS BIGINT) AS "t5",
        CAST(SUM(CASE WHEN "t7"."n5" >= 0 THEN "t7"."n5" ELSE NULL END) FILTER(WHERE
          "t7"."event" IN ('points')
          AND COALESCE("t7"."p4" IN ('earn'), FALSE)
          AND (
            "t7"."occurred_at" < (
              "t7"."first_exposed_at" + INTERVAL '2160' HOUR
            )
          )) AS BIGINT) AS "t6",
        CAST(SUM(CASE WHEN "t7"."n5" >= 0 THEN "t7"."n5" ELSE NULL END) FILTER(WHERE
          "t7"."event" IN ('points')
          AND COALESCE("t7"."p4" IN ('burn'), FALSE)
          AND (
            "t7"."occurred_at" < "t7"."first_exposed_at"
          )) AS BIGINT) AS "t7",
        CAST(SUM(CASE WHEN "t7"."n5" >= 0 THEN "t7"."n5" ELSE NULL END) FILTER(WHERE
          "t7"."event" IN ('points')
          AND COALESCE("t7"."p4" IN ('expire'), FALSE)
          AND (
            "t7"."occurred_at" < "t7"."first_exposed_at"
          )) AS BIGINT) AS "t8",
        CASE
          WHEN MAX(CASE WHEN "t7"."n2" >= 0 THEN "t7"."n2" ELSE NULL END) FILTER(WHERE
            "t7"."event" IN ('progress')
            AND (
              "t7"."occurred_at" < (
                "t7"."first_exposed_at" + INTERVAL '720' HOUR
              )
            )) > 10000
          THEN 10000
          ELSE MAX(CASE WHEN "t7"."n2" >= 0 THEN "t7"."n2" ELSE NULL END) FILTER(WHERE
            "t7"."event" IN ('progress')
            AND (
              "t7"."occurred_at" < (
                "t7"."first_exposed_at" + INTERVAL '720' HOUR
              )
            ))
        END AS "t9",
        COUNT(*) FILTER(WHERE
          "t7"."event" IN ('survey_response')
          AND COALESCE("t7"."p7" IN ('nps'), FALSE)
          AND COALESCE((
            "t7"."n6" >= 90000
          ) AND (
            "t7"."n6" <= 100000
          ), FALSE)
          AND (
            "t7"."occurred_at" < (
              "t7"."first_exposed_at" + INTERVAL '720' HOUR
            )
          )) AS "t10",
        COUNT(*) FILTER(WHERE
          "t7"."event" IN ('survey_response')
          AND COALESCE("t7"."p7" IN ('nps'), FALSE)
          AND COALESCE((
            "t7"."n6" >= 0
          ) AND (
            "t7"."n6" <= 60000
          ), FALSE)
          AND (
            "t7"."occurred_at" < (
              "t7"."first_exposed_at" + INTERVAL '720' HOUR
            )
          )) AS "t11",
        COUNT(*) FILTER(WHERE
          "t7"."event" IN ('survey_response')
          AND COALESCE("t7"."p7" IN ('nps'), FALSE)
          AND (
            "t7"."occurred_at" < (
              "t7"."first_exposed_at" + INTERVAL '720' HOUR
            )
          )
          AND (
            CASE
              WHEN (
                "t7"."n6" >= 0
              ) AND (
                "t7"."n6" <= 100000
              )
              THEN "t7"."n6"
              ELSE NULL
            END IS NOT NULL
          )) AS "t12",
        CAST(SUM("t7"."amount_minor") FILTER(WHERE
          "t7"."event" IN ('order') AND TRUE) AS BIGINT) AS "t13",
        CAST(SUM("t7"."amount_minor") FILTER(WHERE
          "t7"."event" IN ('refund') AND TRUE) AS BIGINT) AS "t14",
        COUNT(*) FILTER(WHERE
          "t7"."event" IN ('opt_out')
          AND (
            "t7"."occurred_at" < (
              "t7"."first_exposed_at" + INTERVAL '720' HOUR
            )
          )) AS "t15"
      FROM (
        SELECT
          "t2"."unit_id",
          "t2"."first_exposed_at",
          "t2"."event",
          "t2"."occurred_at",
          "t2"."amount_minor",
          "t2"."properties",
          CASE
            WHEN "t2"."event" IN ('reward_issue', 'reward_reverse')
            THEN "t2"."properties"
            ELSE NULL
          END ->> '/breakage' AS "p0",
          CASE
            WHEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE
                    WHEN "t2"."event" IN ('reward_issue', 'reward_reverse')
                    THEN "t2"."properties"
                    ELSE NULL
                  END ->> '/breakage'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE
                WHEN "t2"."event" IN ('reward_issue', 'reward_reverse')
                THEN "t2"."properties"
                ELSE NULL
              END ->> '/breakage'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
            THEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE
                    WHEN "t2"."event" IN ('reward_issue', 'reward_reverse')
                    THEN "t2"."properties"
                    ELSE NULL
                  END ->> '/breakage'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE
                WHEN "t2"."event" IN ('reward_issue', 'reward_reverse')
                THEN "t2"."properties"
                ELSE NULL
              END ->> '/breakage'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
            ELSE NULL
          END AS "n0",
          CASE WHEN "t2"."event" IN ('order', 'refund') THEN "t2"."properties" ELSE NULL END ->> '/cost_minor' AS "p1",
          CASE
            WHEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE WHEN "t2"."event" IN ('order', 'refund') THEN "t2"."properties" ELSE NULL END ->> '/cost_minor'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE WHEN "t2"."event" IN ('order', 'refund') THEN "t2"."properties" ELSE NULL END ->> '/cost_minor'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
            THEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE WHEN "t2"."event" IN ('order', 'refund') THEN "t2"."properties" ELSE NULL END ->> '/cost_minor'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE WHEN "t2"."event" IN ('order', 'refund') THEN "t2"."properties" ELSE NULL END ->> '/cost_minor'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
            ELSE NULL
          END AS "n1",
          CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END ->> '/covered' AS "p2",
          CASE
            WHEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END ->> '/covered'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END ->> '/covered'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
            THEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END ->> '/covered'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE WHEN "t2"."event" IN ('progress') THEN "t2"."properties" ELSE NULL END ->> '/covered'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
            ELSE NULL
          END AS "n2",
          CASE WHEN "t2"."event" IN ('order', 'refund') THEN "t2"."properties" ELSE NULL END ->> '/margin_minor' AS "p3",
          CASE
            WHEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE WHEN "t2"."event" IN ('order', 'refund') THEN "t2"."properties" ELSE NULL END ->> '/margin_minor'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE WHEN "t2"."event" IN ('order', 'refund') THEN "t2"."properties" ELSE NULL END ->> '/margin_minor'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
            THEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE WHEN "t2"."event" IN ('order', 'refund') THEN "t2"."properties" ELSE NULL END ->> '/margin_minor'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE WHEN "t2"."event" IN ('order', 'refund') THEN "t2"."properties" ELSE NULL END ->> '/margin_minor'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
            ELSE NULL
          END AS "n3",
          CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END ->> '/movement' AS "p4",
          CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END ->> '/points' AS "p5",
          CASE
            WHEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END ->> '/points'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END ->> '/points'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
            THEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END ->> '/points'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE WHEN "t2"."event" IN ('points') THEN "t2"."properties" ELSE NULL END ->> '/points'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
            ELSE NULL
          END AS "n5",
          CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END ->> '/score' AS "p6",
          CASE
            WHEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END ->> '/score'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END ->> '/score'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
            THEN CAST(CAST(CASE
              WHEN REGEXP_MATCHES(
                (
                  CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END ->> '/score'
                ),
                '^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
              )
              THEN CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END ->> '/score'
              ELSE NULL
            END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
            ELSE NULL
          END AS "n6",
          CASE WHEN "t2"."event" IN ('survey_response') THEN "t2"."properties" ELSE NULL END ->> '/survey' AS "p7"
        FROM "unit_conversions" AS "t2"
      ) AS "t7"
      GROUP BY
        1
    ) AS "t9"
      ON "t6"."unit_id" = "t9"."unit_id"
  ) AS "t10"
) AS "t12"
LEFT OUTER JOIN (
  SELECT
    "t0"."unit_id",
    "t0"."contactable" AS "a0"
  FROM "units" AS "t0"
) AS "t4"
  ON "t12"."unit_id" = "t4"."unit_id"
