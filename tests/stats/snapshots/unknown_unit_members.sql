SELECT
  COUNT(*) AS "members"
FROM (
  SELECT
    "t3"."member_id"
  FROM (
    SELECT DISTINCT
      "t0"."member_id"
    FROM "exposures" AS "t0"
    WHERE
      "t0"."exposed_at" <= MAKE_TIMESTAMP(2026, 7, 1, 0, 0, 0.0)
      AND "t0"."unit_id" IS NULL
  ) AS "t3"
  ANTI JOIN (
    SELECT
      *
    FROM "exposures" AS "t0"
    WHERE
      "t0"."exposed_at" <= MAKE_TIMESTAMP(2026, 7, 1, 0, 0, 0.0)
      AND "t0"."unit_id" IS NOT NULL
  ) AS "t4"
    ON "t3"."member_id" = "t4"."member_id"
) AS "t5"
