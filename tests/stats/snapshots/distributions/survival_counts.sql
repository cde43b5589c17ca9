SELECT
  "t6"."variant",
  "t6"."step",
  COUNT(*) FILTER(WHERE
    "t6"."had_event") AS "events",
  COUNT(*) FILTER(WHERE
    NOT (
      "t6"."had_event"
    )) AS "censored"
FROM (
  SELECT
    "t2"."variant",
    CASE
      WHEN (
        "t2"."first_exposed_at" <= (
          CAST('as_of' AS TIMESTAMP(6)) - INTERVAL '2160' HOUR
        )
      )
      AND NOT (
        "t5"."event_at" IS NOT NULL
      )
      THEN 2160
      ELSE LEAST(
        CAST(FLOOR(
          (
            CAST(EPOCH(
              CAST(DATE_TRUNC('SECOND', COALESCE("t5"."event_at", CAST('as_of' AS TIMESTAMP(6)))) AS TIMESTAMP)
            ) AS BIGINT) - CAST(EPOCH(CAST(DATE_TRUNC('SECOND', "t2"."first_exposed_at") AS TIMESTAMP)) AS BIGINT)
          ) / (
            3600
          )
        ) AS BIGINT),
        2159
      )
    END AS "step",
    "t5"."event_at" IS NOT NULL AS "had_event"
  FROM "exposed_units" AS "t2"
  LEFT OUTER JOIN (
    SELECT
      "t3"."unit_id",
      MIN("t3"."occurred_at") AS "event_at"
    FROM (
      SELECT
        *
      FROM "unit_conversions" AS "t1"
      WHERE
        "t1"."event" IN ('tier_change')
        AND COALESCE(
          (
            CASE WHEN "t1"."event" IN ('tier_change') THEN "t1"."properties" ELSE NULL END ->> '/to'
          ) IN ('gold'),
          FALSE
        )
        AND "t1"."occurred_at" >= "t1"."first_exposed_at"
        AND "t1"."occurred_at" < (
          "t1"."first_exposed_at" + INTERVAL '2160' HOUR
        )
    ) AS "t3"
    GROUP BY
      1
  ) AS "t5"
    ON "t2"."unit_id" = "t5"."unit_id"
) AS "t6"
GROUP BY
  1,
  2
