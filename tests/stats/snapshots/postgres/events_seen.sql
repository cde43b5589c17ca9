SELECT
  "t3"."event",
  "t3"."left_out",
  "t3"."currency",
  "t3"."day",
  SUM("t3"."seen") AS "seen",
  SUM("t3"."without_amount") AS "without_amount",
  MIN("t3"."first_occurred_at") AS "first_occurred_at",
  MAX("t3"."last_occurred_at") AS "last_occurred_at"
FROM (
  SELECT
    "t2"."event",
    "t2"."left_out",
    "t2"."currency",
    "t2"."quarter",
    "t2"."seen",
    "t2"."without_amount",
    "t2"."first_occurred_at",
    "t2"."last_occurred_at",
    DATE(TIMEZONE('Asia/Taipei', TIMEZONE('UTC', "t2"."first_occurred_at"))) AS "day"
  FROM (
    SELECT
      "t1"."event",
      "t1"."left_out",
      "t1"."currency",
      "t1"."quarter",
      COUNT(*) AS "seen",
      SUM(CAST(CAST("t1"."amount_minor" IS NULL AS INT) AS BIGINT)) AS "without_amount",
      MIN("t1"."occurred_at") AS "first_occurred_at",
      MAX("t1"."occurred_at") AS "last_occurred_at"
    FROM (
      SELECT
        "t0"."event",
        "t0"."occurred_at",
        "t0"."amount_minor",
        NOT (
          (
            "t0"."amount_minor" IS NULL
          ) OR (
            COALESCE("t0"."currency", '') = 'TWD'
          )
        ) AS "left_out",
        CASE
          WHEN NOT (
            (
              "t0"."amount_minor" IS NULL
            ) OR (
              COALESCE("t0"."currency", '') = 'TWD'
            )
          )
          THEN "t0"."currency"
          ELSE NULL
        END AS "currency",
        CAST(FLOOR(
          CAST((
            EXTRACT('epoch' FROM DATE_TRUNC('SECOND', "t0"."occurred_at"))
          ) AS DOUBLE PRECISION) / (
            900
          )
        ) AS BIGINT) AS "quarter"
      FROM "conversions" AS "t0"
      WHERE
        "t0"."occurred_at" <= CAST('as_of' AS TIMESTAMP(6))
        AND "t0"."event" IN ('activity', 'offer_click', 'order', 'refund', 'tier_change')
    ) AS "t1"
    GROUP BY
      1,
      2,
      3,
      4
  ) AS "t2"
) AS "t3"
GROUP BY
  1,
  2,
  3,
  4
