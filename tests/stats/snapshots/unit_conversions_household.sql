SELECT
  "t8"."unit_id",
  "t8"."first_exposed_at",
  "t8"."event",
  "t8"."occurred_at",
  "t8"."amount_minor",
  "t8"."properties"
FROM (
  SELECT
    "t7"."member_id",
    "t7"."event",
    "t7"."occurred_at",
    "t7"."amount_minor",
    "t7"."currency",
    "t7"."properties",
    "t5"."unit_id",
    "t3"."variant",
    "t3"."first_exposed_at"
  FROM (
    SELECT
      *
    FROM "conversions" AS "t0"
    WHERE
      "t0"."occurred_at" <= MAKE_TIMESTAMP(2026, 7, 1, 0, 0, 0.0)
      AND (
        (
          "t0"."amount_minor" IS NULL
        ) OR (
          COALESCE("t0"."currency", '') = 'TWD'
        )
      )
  ) AS "t7"
  INNER JOIN (
    SELECT DISTINCT
      *
    FROM "unit_members" AS "t2"
  ) AS "t5"
    ON "t7"."member_id" = "t5"."member_id"
  INNER JOIN "exposed_units" AS "t3"
    ON "t5"."unit_id" = "t3"."unit_id"
) AS "t8"
WHERE
  "t8"."occurred_at" >= "t8"."first_exposed_at"
