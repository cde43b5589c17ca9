SELECT
  "t2"."event",
  "t2"."day",
  "t2"."left_out",
  "t2"."currency",
  COUNT(*) AS "seen",
  SUM(CAST("t2"."amount_minor" IS NULL AS BIGINT)) AS "without_amount",
  MIN("t2"."occurred_at") AS "first_occurred_at",
  MAX("t2"."occurred_at") AS "last_occurred_at"
FROM (
  SELECT
    "t1"."event",
    "t1"."occurred_at",
    "t1"."amount_minor",
    NOT (
      (
        "t1"."amount_minor" IS NULL
      ) OR (
        COALESCE("t1"."currency", '') = 'TWD'
      )
    ) AS "left_out",
    CASE
      WHEN NOT (
        (
          "t1"."amount_minor" IS NULL
        ) OR (
          COALESCE("t1"."currency", '') = 'TWD'
        )
      )
      THEN "t1"."currency"
      ELSE NULL
    END AS "currency",
    CAST(TIMEZONE('Asia/Taipei', TIMEZONE('UTC', "t1"."occurred_at")) AS DATE) AS "day"
  FROM (
    SELECT
      *
    FROM "conversions" AS "t0"
    WHERE
      "t0"."occurred_at" <= CAST('as_of' AS TIMESTAMP(6))
      AND "t0"."event" IN ('activity', 'offer_click', 'order', 'refund', 'tier_change')
  ) AS "t1"
) AS "t2"
GROUP BY
  1,
  2,
  3,
  4
