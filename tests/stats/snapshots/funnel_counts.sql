WITH "t7" AS (
  SELECT
    "t4"."unit_id",
    MIN("t4"."occurred_at") AS "reached_at"
  FROM (
    SELECT
      "t1"."unit_id",
      "t1"."occurred_at"
    FROM "unit_conversions" AS "t1"
    WHERE
      "t1"."occurred_at" < (
        "t1"."first_exposed_at" + INTERVAL '720' HOUR
      )
      AND "t1"."event" IN ('offer_click')
  ) AS "t4"
  GROUP BY
    1
), "t19" AS (
  SELECT
    "t16"."unit_id",
    MIN("t16"."occurred_at") AS "reached_at"
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
          "t1"."occurred_at" < (
            "t1"."first_exposed_at" + INTERVAL '720' HOUR
          )
          AND "t1"."event" IN ('order')
      ) AS "t6"
      INNER JOIN "t7" AS "t10"
        ON "t6"."unit_id" = "t10"."unit_id"
    ) AS "t14"
    WHERE
      "t14"."occurred_at" >= "t14"."reached_at"
  ) AS "t16"
  GROUP BY
    1
)
SELECT
  "t33"."variant",
  COUNT(*) AS "n",
  COUNT(*) FILTER(WHERE
    "t33"."at0" IS NOT NULL) AS "s0",
  COUNT(*) FILTER(WHERE
    "t33"."at1" IS NOT NULL) AS "s1",
  COUNT(*) FILTER(WHERE
    "t33"."at2" IS NOT NULL) AS "s2"
FROM (
  SELECT
    "t32".*
    EXCLUDE ("unit_id_right")
  FROM (
    SELECT
      "t28"."unit_id",
      "t28"."variant",
      "t28"."at0",
      "t28"."at1",
      "t31"."unit_id" AS "unit_id_right",
      "t31"."at2"
    FROM (
      SELECT
        "t25".*
        EXCLUDE ("unit_id_right")
      FROM (
        SELECT
          "t18"."unit_id",
          "t18"."variant",
          "t18"."at0",
          "t23"."unit_id" AS "unit_id_right",
          "t23"."at1"
        FROM (
          SELECT
            "t15"."unit_id",
            "t15"."variant",
            "t15"."at0"
          FROM (
            SELECT
              "t3"."unit_id",
              "t3"."variant",
              "t13"."unit_id" AS "unit_id_right",
              "t13"."at0"
            FROM (
              SELECT
                "t0"."unit_id",
                "t0"."variant"
              FROM "exposed_units" AS "t0"
              WHERE
                "t0"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)
            ) AS "t3"
            LEFT OUTER JOIN (
              SELECT
                "t8"."unit_id",
                "t8"."reached_at" AS "at0"
              FROM "t7" AS "t8"
            ) AS "t13"
              ON "t3"."unit_id" = "t13"."unit_id"
          ) AS "t15"
        ) AS "t18"
        LEFT OUTER JOIN (
          SELECT
            "t20"."unit_id",
            "t20"."reached_at" AS "at1"
          FROM "t19" AS "t20"
        ) AS "t23"
          ON "t18"."unit_id" = "t23"."unit_id"
      ) AS "t25"
    ) AS "t28"
    LEFT OUTER JOIN (
      SELECT
        "t29"."unit_id",
        "t29"."reached_at" AS "at2"
      FROM (
        SELECT
          "t27"."unit_id",
          MIN("t27"."occurred_at") AS "reached_at"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t11"."unit_id",
              "t11"."occurred_at",
              "t21"."reached_at"
            FROM (
              SELECT
                "t1"."unit_id",
                "t1"."occurred_at"
              FROM "unit_conversions" AS "t1"
              WHERE
                "t1"."occurred_at" < (
                  "t1"."first_exposed_at" + INTERVAL '720' HOUR
                )
                AND "t1"."event" IN ('tier_change')
                AND COALESCE(
                  CASE
                    WHEN JSON_TYPE(
                      CAST(CASE WHEN "t1"."event" IN ('tier_change') THEN "t1"."properties" ELSE NULL END AS JSON) -> '$.to'
                    ) = 'VARCHAR'
                    THEN (
                      CAST(CASE WHEN "t1"."event" IN ('tier_change') THEN "t1"."properties" ELSE NULL END AS JSON) -> '$.to'
                    ) ->> '$'
                    ELSE NULL
                  END IN ('gold', '黄金'),
                  FALSE
                )
            ) AS "t11"
            INNER JOIN "t19" AS "t21"
              ON "t11"."unit_id" = "t21"."unit_id"
          ) AS "t24"
          WHERE
            "t24"."occurred_at" >= "t24"."reached_at"
        ) AS "t27"
        GROUP BY
          1
      ) AS "t29"
    ) AS "t31"
      ON "t28"."unit_id" = "t31"."unit_id"
  ) AS "t32"
) AS "t33"
GROUP BY
  1
