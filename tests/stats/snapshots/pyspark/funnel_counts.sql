WITH `t8` AS (
  SELECT
    `t3`.`unit_id`,
    MIN(`t3`.`occurred_at`) AS `reached_at`
  FROM (
    SELECT
      `t1`.`unit_id`,
      `t1`.`occurred_at`
    FROM `unit_conversions` AS `t1`
    WHERE
      `t1`.`occurred_at` >= `t1`.`first_exposed_at`
      AND `t1`.`occurred_at` < (
        `t1`.`first_exposed_at` + INTERVAL '720' HOUR
      )
      AND `t1`.`event` IN ('offer_click')
  ) AS `t3`
  GROUP BY
    1
), `t21` AS (
  SELECT
    `t18`.`unit_id`,
    MIN(`t18`.`occurred_at`) AS `reached_at`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t6`.`unit_id`,
        `t6`.`occurred_at`,
        `t10`.`reached_at`
      FROM (
        SELECT
          `t1`.`unit_id`,
          `t1`.`occurred_at`
        FROM `unit_conversions` AS `t1`
        WHERE
          `t1`.`occurred_at` >= `t1`.`first_exposed_at`
          AND `t1`.`occurred_at` < (
            `t1`.`first_exposed_at` + INTERVAL '720' HOUR
          )
          AND `t1`.`event` IN ('order')
      ) AS `t6`
      INNER JOIN `t8` AS `t10`
        ON `t6`.`unit_id` = `t10`.`unit_id`
    ) AS `t14`
    WHERE
      `t14`.`occurred_at` >= `t14`.`reached_at`
  ) AS `t18`
  GROUP BY
    1
)
SELECT
  `t35`.`variant`,
  COUNT(*) AS `n`,
  SUM(CAST(`t35`.`at0` IS NOT NULL AS BIGINT)) AS `s0`,
  SUM(CAST(`t35`.`at1` IS NOT NULL AS BIGINT)) AS `s1`,
  SUM(CAST(`t35`.`at2` IS NOT NULL AS BIGINT)) AS `s2`
FROM (
  SELECT
    `t34`.`unit_id`,
    `t34`.`variant`,
    `t34`.`at0`,
    `t34`.`at1`,
    `t34`.`at2`
  FROM (
    SELECT
      `t30`.`unit_id`,
      `t30`.`variant`,
      `t30`.`at0`,
      `t30`.`at1`,
      `t33`.`unit_id` AS `unit_id_right`,
      `t33`.`at2`
    FROM (
      SELECT
        `t27`.`unit_id`,
        `t27`.`variant`,
        `t27`.`at0`,
        `t27`.`at1`
      FROM (
        SELECT
          `t20`.`unit_id`,
          `t20`.`variant`,
          `t20`.`at0`,
          `t25`.`unit_id` AS `unit_id_right`,
          `t25`.`at1`
        FROM (
          SELECT
            `t17`.`unit_id`,
            `t17`.`variant`,
            `t17`.`at0`
          FROM (
            SELECT
              `t7`.`unit_id`,
              `t7`.`variant`,
              `t12`.`unit_id` AS `unit_id_right`,
              `t12`.`at0`
            FROM (
              SELECT
                `t0`.`unit_id`,
                `t0`.`variant`
              FROM `unit_spans` AS `t0`
              WHERE
                NOT (
                  `t0`.`is_crossed`
                )
                AND `t0`.`first_exposed_at` <= (
                  CAST('as_of' AS TIMESTAMP) - INTERVAL '720' HOUR
                )
            ) AS `t7`
            LEFT OUTER JOIN (
              SELECT
                `t9`.`unit_id`,
                `t9`.`reached_at` AS `at0`
              FROM `t8` AS `t9`
            ) AS `t12`
              ON `t7`.`unit_id` = `t12`.`unit_id`
          ) AS `t17`
        ) AS `t20`
        LEFT OUTER JOIN (
          SELECT
            `t22`.`unit_id`,
            `t22`.`reached_at` AS `at1`
          FROM `t21` AS `t22`
        ) AS `t25`
          ON `t20`.`unit_id` = `t25`.`unit_id`
      ) AS `t27`
    ) AS `t30`
    LEFT OUTER JOIN (
      SELECT
        `t31`.`unit_id`,
        `t31`.`reached_at` AS `at2`
      FROM (
        SELECT
          `t29`.`unit_id`,
          MIN(`t29`.`occurred_at`) AS `reached_at`
        FROM (
          SELECT
            *
          FROM (
            SELECT
              `t16`.`unit_id`,
              `t16`.`occurred_at`,
              `t23`.`reached_at`
            FROM (
              SELECT
                `t13`.`unit_id`,
                `t13`.`occurred_at`
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    *
                  FROM `unit_conversions` AS `t1`
                  WHERE
                    `t1`.`occurred_at` >= `t1`.`first_exposed_at`
                    AND `t1`.`occurred_at` < (
                      `t1`.`first_exposed_at` + INTERVAL '720' HOUR
                    )
                ) AS `t2`
                WHERE
                  `t2`.`event` IN ('tier_change')
                  AND COALESCE(
                    TRY_ELEMENT_AT(
                      FROM_JSON(
                        CASE WHEN `t2`.`event` IN ('tier_change') THEN `t2`.`properties` ELSE NULL END,
                        'map<string,string>'
                      ),
                      'to'
                    ) IN ('gold', '黄金'),
                    FALSE
                  )
              ) AS `t13`
            ) AS `t16`
            INNER JOIN `t21` AS `t23`
              ON `t16`.`unit_id` = `t23`.`unit_id`
          ) AS `t26`
          WHERE
            `t26`.`occurred_at` >= `t26`.`reached_at`
        ) AS `t29`
        GROUP BY
          1
      ) AS `t31`
    ) AS `t33`
      ON `t30`.`unit_id` = `t33`.`unit_id`
  ) AS `t34`
) AS `t35`
GROUP BY
  1
