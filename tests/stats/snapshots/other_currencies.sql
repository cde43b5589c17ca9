SELECT
  "t1"."currency",
  COUNT(*) AS "events"
FROM (
  SELECT
    *
  FROM "conversions" AS "t0"
  WHERE
    "t0"."occurred_at" <= MAKE_TIMESTAMP(2026, 7, 1, 0, 0, 0.0)
    AND NOT (
      (
        "t0"."amount_minor" IS NULL
      ) OR (
        COALESCE("t0"."currency", '') = 'TWD'
      )
    )
) AS "t1"
GROUP BY
  1
