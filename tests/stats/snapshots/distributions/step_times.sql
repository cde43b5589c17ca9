WITH "t8" AS (
  SELECT
    "t3"."unit_id",
    MIN("t3"."occurred_at") AS "reached_at"
  FROM (
    SELECT
      "t1"."unit_id",
      "t1"."occurred_at"
    FROM "unit_conversions" AS "t1"
    WHERE
      "t1"."occurred_at" >= "t1"."first_exposed_at"
      AND "t1"."occurred_at" < (
        "t1"."first_exposed_at" + INTERVAL '720' HOUR
      )
      AND "t1"."event" IN ('offer_click')
  ) AS "t3"
  GROUP BY
    1
), "t21" AS (
  SELECT
    "t19"."unit_id",
    MIN("t19"."occurred_at") AS "reached_at"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t6"."unit_id",
        "t6"."occurred_at",
        "t10"."reached_at"
      FROM (
        SELECT
          "t1"."unit_id",
          "t1"."occurred_at"
        FROM "unit_conversions" AS "t1"
        WHERE
          "t1"."occurred_at" >= "t1"."first_exposed_at"
          AND "t1"."occurred_at" < (
            "t1"."first_exposed_at" + INTERVAL '720' HOUR
          )
          AND "t1"."event" IN ('order')
      ) AS "t6"
      INNER JOIN "t8" AS "t10"
        ON "t6"."unit_id" = "t10"."unit_id"
    ) AS "t15"
    WHERE
      "t15"."occurred_at" >= "t15"."reached_at"
  ) AS "t19"
  GROUP BY
    1
)
SELECT
  "t36"."variant",
  COUNT("t36"."seconds0") AS "n0",
  SUM("t36"."seconds0") AS "total0",
  QUANTILE_DISC("t36"."seconds0", 0.5) AS "median0",
  COUNT("t36"."seconds1") AS "n1",
  SUM("t36"."seconds1") AS "total1",
  QUANTILE_DISC("t36"."seconds1", 0.5) AS "median1",
  COUNT("t36"."seconds2") AS "n2",
  SUM("t36"."seconds2") AS "total2",
  QUANTILE_DISC("t36"."seconds2", 0.5) AS "median2"
FROM (
  SELECT
    "t35"."variant",
    CAST(EPOCH(CAST(DATE_TRUNC('SECOND', "t35"."at0") AS TIMESTAMP)) AS BIGINT) - CAST(EPOCH(CAST(DATE_TRUNC('SECOND', "t35"."first_exposed_at") AS TIMESTAMP)) AS BIGINT) AS "seconds0",
    CAST(EPOCH(CAST(DATE_TRUNC('SECOND', "t35"."at1") AS TIMESTAMP)) AS BIGINT) - CAST(EPOCH(CAST(DATE_TRUNC('SECOND', "t35"."at0") AS TIMESTAMP)) AS BIGINT) AS "seconds1",
    CAST(EPOCH(CAST(DATE_TRUNC('SECOND', "t35"."at2") AS TIMESTAMP)) AS BIGINT) - CAST(EPOCH(CAST(DATE_TRUNC('SECOND', "t35"."at1") AS TIMESTAMP)) AS BIGINT) AS "seconds2"
  FROM (
    SELECT
      "t34".*
      EXCLUDE ("unit_id_right")
    FROM (
      SELECT
        "t30"."unit_id",
        "t30"."variant",
        "t30"."first_exposed_at",
        "t30"."at0",
        "t30"."at1",
        "t33"."unit_id" AS "unit_id_right",
        "t33"."at2"
      FROM (
        SELECT
          "t27".*
          EXCLUDE ("unit_id_right")
        FROM (
          SELECT
            "t20"."unit_id",
            "t20"."variant",
            "t20"."first_exposed_at",
            "t20"."at0",
            "t25"."unit_id" AS "unit_id_right",
            "t25"."at1"
          FROM (
            SELECT
              "t17".*
              EXCLUDE ("unit_id_right")
            FROM (
              SELECT
                "t7"."unit_id",
                "t7"."variant",
                "t7"."first_exposed_at",
                "t13"."unit_id" AS "unit_id_right",
                "t13"."at0"
              FROM (
                SELECT
                  *
                FROM "exposed_units" AS "t0"
                WHERE
                  "t0"."first_exposed_at" <= (
                    CAST('as_of' AS TIMESTAMP(6)) - INTERVAL '720' HOUR
                  )
              ) AS "t7"
              LEFT OUTER JOIN (
                SELECT
                  "t9"."unit_id",
                  "t9"."reached_at" AS "at0"
                FROM "t8" AS "t9"
              ) AS "t13"
                ON "t7"."unit_id" = "t13"."unit_id"
            ) AS "t17"
          ) AS "t20"
          LEFT OUTER JOIN (
            SELECT
              "t22"."unit_id",
              "t22"."reached_at" AS "at1"
            FROM "t21" AS "t22"
          ) AS "t25"
            ON "t20"."unit_id" = "t25"."unit_id"
        ) AS "t27"
      ) AS "t30"
      LEFT OUTER JOIN (
        SELECT
          "t31"."unit_id",
          "t31"."reached_at" AS "at2"
        FROM (
          SELECT
            "t29"."unit_id",
            MIN("t29"."occurred_at") AS "reached_at"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t16"."unit_id",
                "t16"."occurred_at",
                "t23"."reached_at"
              FROM (
                SELECT
                  "t12"."unit_id",
                  "t12"."occurred_at"
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      *
                    FROM "unit_conversions" AS "t1"
                    WHERE
                      "t1"."occurred_at" >= "t1"."first_exposed_at"
                      AND "t1"."occurred_at" < (
                        "t1"."first_exposed_at" + INTERVAL '720' HOUR
                      )
                  ) AS "t2"
                  WHERE
                    "t2"."event" IN ('tier_change')
                    AND COALESCE(
                      (
                        CASE WHEN "t2"."event" IN ('tier_change') THEN "t2"."properties" ELSE NULL END ->> '/to'
                      ) IN ('gold', '黄金'),
                      FALSE
                    )
                ) AS "t12"
              ) AS "t16"
              INNER JOIN "t21" AS "t23"
                ON "t16"."unit_id" = "t23"."unit_id"
            ) AS "t26"
            WHERE
              "t26"."occurred_at" >= "t26"."reached_at"
          ) AS "t29"
          GROUP BY
            1
        ) AS "t31"
      ) AS "t33"
        ON "t30"."unit_id" = "t33"."unit_id"
    ) AS "t34"
  ) AS "t35"
) AS "t36"
GROUP BY
  1
