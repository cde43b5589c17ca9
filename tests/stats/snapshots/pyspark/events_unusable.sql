SELECT
  SUM(
    CAST(`t2`.`event` IN ('order')
    AND (
      CASE
        WHEN `t2`.`p3` IS NOT NULL
        THEN `t2`.`n3`
        WHEN `t2`.`p1` IS NOT NULL
        THEN (
          `t2`.`amount_minor` * 10000
        ) - `t2`.`n1`
        ELSE `t2`.`amount_minor` * 4000
      END IS NULL
    ) AS BIGINT)
  ) AS `u0`,
  SUM(
    CAST(`t2`.`event` IN ('refund')
    AND (
      CASE
        WHEN `t2`.`p3` IS NOT NULL
        THEN `t2`.`n3`
        WHEN `t2`.`p1` IS NOT NULL
        THEN (
          `t2`.`amount_minor` * 10000
        ) - `t2`.`n1`
        ELSE `t2`.`amount_minor` * 4000
      END IS NULL
    ) AS BIGINT)
  ) AS `u1`,
  SUM(
    CAST(`t2`.`event` IN ('reward_issue')
    AND (
      (
        (
          `t2`.`amount_minor` * CASE
            WHEN `t2`.`p0` IS NULL
            THEN 10000
            ELSE 10000 - CASE
              WHEN (
                `t2`.`n0` >= 0
              ) AND (
                `t2`.`n0` <= 10000
              )
              THEN `t2`.`n0`
              ELSE NULL
            END
          END
        ) IS NULL
      )
      AND (
        `t2`.`amount_minor` IS NOT NULL
      )
    ) AS BIGINT)
  ) AS `u2`,
  SUM(
    CAST(`t2`.`event` IN ('reward_reverse')
    AND (
      (
        (
          `t2`.`amount_minor` * CASE
            WHEN `t2`.`p0` IS NULL
            THEN 10000
            ELSE 10000 - CASE
              WHEN (
                `t2`.`n0` >= 0
              ) AND (
                `t2`.`n0` <= 10000
              )
              THEN `t2`.`n0`
              ELSE NULL
            END
          END
        ) IS NULL
      )
      AND (
        `t2`.`amount_minor` IS NOT NULL
      )
    ) AS BIGINT)
  ) AS `u3`,
  SUM(
    CAST(`t2`.`event` IN ('points')
    AND COALESCE(`t2`.`p4` IN ('burn'), FALSE)
    AND (
      CASE WHEN `t2`.`n5` >= 0 THEN `t2`.`n5` ELSE NULL END IS NULL
    ) AS BIGINT)
  ) AS `u4`,
  SUM(
    CAST(`t2`.`event` IN ('points')
    AND COALESCE(`t2`.`p4` IN ('earn'), FALSE)
    AND (
      CASE WHEN `t2`.`n5` >= 0 THEN `t2`.`n5` ELSE NULL END IS NULL
    ) AS BIGINT)
  ) AS `u5`,
  SUM(
    CAST(`t2`.`event` IN ('points')
    AND COALESCE(`t2`.`p4` IN ('expire'), FALSE)
    AND (
      CASE WHEN `t2`.`n5` >= 0 THEN `t2`.`n5` ELSE NULL END IS NULL
    ) AS BIGINT)
  ) AS `u6`,
  SUM(
    CAST(`t2`.`event` IN ('progress')
    AND (
      CASE WHEN `t2`.`n2` >= 0 THEN `t2`.`n2` ELSE NULL END IS NULL
    ) AS BIGINT)
  ) AS `u7`,
  SUM(
    CAST(`t2`.`event` IN ('survey_response')
    AND COALESCE(`t2`.`p7` IN ('nps'), FALSE)
    AND (
      CASE
        WHEN (
          `t2`.`n6` >= 0
        ) AND (
          `t2`.`n6` <= 100000
        )
        THEN `t2`.`n6`
        ELSE NULL
      END IS NULL
    ) AS BIGINT)
  ) AS `u8`
FROM (
  SELECT
    `t1`.`member_id`,
    `t1`.`event`,
    `t1`.`occurred_at`,
    `t1`.`amount_minor`,
    `t1`.`currency`,
    `t1`.`properties`,
    TRY_ELEMENT_AT(
      FROM_JSON(
        CASE
          WHEN `t1`.`event` IN ('reward_issue', 'reward_reverse')
          THEN `t1`.`properties`
          ELSE NULL
        END,
        'map<string,string>'
      ),
      'breakage'
    ) AS `p0`,
    CASE
      WHEN CAST(CAST(CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE
              WHEN `t1`.`event` IN ('reward_issue', 'reward_reverse')
              THEN `t1`.`properties`
              ELSE NULL
            END,
            'map<string,string>'
          ),
          'breakage'
        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE
              WHEN `t1`.`event` IN ('reward_issue', 'reward_reverse')
              THEN `t1`.`properties`
              ELSE NULL
            END,
            'map<string,string>'
          ),
          'breakage'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE
              WHEN `t1`.`event` IN ('reward_issue', 'reward_reverse')
              THEN `t1`.`properties`
              ELSE NULL
            END,
            'map<string,string>'
          ),
          'breakage'
        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE
              WHEN `t1`.`event` IN ('reward_issue', 'reward_reverse')
              THEN `t1`.`properties`
              ELSE NULL
            END,
            'map<string,string>'
          ),
          'breakage'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS `n0`,
    TRY_ELEMENT_AT(
      FROM_JSON(
        CASE WHEN `t1`.`event` IN ('order', 'refund') THEN `t1`.`properties` ELSE NULL END,
        'map<string,string>'
      ),
      'cost_minor'
    ) AS `p1`,
    CASE
      WHEN CAST(CAST(CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('order', 'refund') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'cost_minor'
        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('order', 'refund') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'cost_minor'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('order', 'refund') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'cost_minor'
        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('order', 'refund') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'cost_minor'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS `n1`,
    TRY_ELEMENT_AT(
      FROM_JSON(
        CASE WHEN `t1`.`event` IN ('progress') THEN `t1`.`properties` ELSE NULL END,
        'map<string,string>'
      ),
      'covered'
    ) AS `p2`,
    CASE
      WHEN CAST(CAST(CASE
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
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
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
    END AS `n2`,
    TRY_ELEMENT_AT(
      FROM_JSON(
        CASE WHEN `t1`.`event` IN ('order', 'refund') THEN `t1`.`properties` ELSE NULL END,
        'map<string,string>'
      ),
      'margin_minor'
    ) AS `p3`,
    CASE
      WHEN CAST(CAST(CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('order', 'refund') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'margin_minor'
        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('order', 'refund') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'margin_minor'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('order', 'refund') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'margin_minor'
        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('order', 'refund') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'margin_minor'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS `n3`,
    TRY_ELEMENT_AT(
      FROM_JSON(
        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
        'map<string,string>'
      ),
      'movement'
    ) AS `p4`,
    TRY_ELEMENT_AT(
      FROM_JSON(
        CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
        'map<string,string>'
      ),
      'points'
    ) AS `p5`,
    CASE
      WHEN CAST(CAST(CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'points'
        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'points'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'points'
        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('points') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'points'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS `n5`,
    TRY_ELEMENT_AT(
      FROM_JSON(
        CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
        'map<string,string>'
      ),
      'score'
    ) AS `p6`,
    CASE
      WHEN CAST(CAST(CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'score'
        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'score'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT) BETWEEN -10000000000000000 AND 10000000000000000
      THEN CAST(CAST(CASE
        WHEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'score'
        ) RLIKE '^-?[0-9]{1,13}(\\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$'
        THEN TRY_ELEMENT_AT(
          FROM_JSON(
            CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
            'map<string,string>'
          ),
          'score'
        )
        ELSE NULL
      END AS DECIMAL(24, 4)) * 10000 AS BIGINT)
      ELSE NULL
    END AS `n6`,
    TRY_ELEMENT_AT(
      FROM_JSON(
        CASE WHEN `t1`.`event` IN ('survey_response') THEN `t1`.`properties` ELSE NULL END,
        'map<string,string>'
      ),
      'survey'
    ) AS `p7`
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
) AS `t2`
