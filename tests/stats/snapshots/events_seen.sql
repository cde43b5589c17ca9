SELECT
  "t1"."event",
  COUNT(*) AS "seen",
  COUNT(*) FILTER(WHERE
    "t1"."amount_minor" IS NULL) AS "without_amount",
  MIN("t1"."occurred_at") AS "first_occurred_at",
  MAX("t1"."occurred_at") AS "last_occurred_at"
FROM (
  SELECT
    *
  FROM "conversions" AS "t0"
  WHERE
    "t0"."occurred_at" <= MAKE_TIMESTAMP(2026, 7, 1, 0, 0, 0.0)
) AS "t1"
GROUP BY
  1
