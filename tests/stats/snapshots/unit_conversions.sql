SELECT
  "t5"."unit_id",
  "t5"."first_exposed_at",
  "t5"."event",
  "t5"."occurred_at",
  "t5"."amount_minor",
  "t5"."properties"
FROM (
  SELECT
    "t4"."unit_id",
    "t4"."event",
    "t4"."occurred_at",
    "t4"."amount_minor",
    "t4"."currency",
    "t4"."properties",
    "t2"."variant",
    "t2"."first_exposed_at"
  FROM (
    SELECT
      "t0"."member_id" AS "unit_id",
      "t0"."event",
      "t0"."occurred_at",
      "t0"."amount_minor",
      "t0"."currency",
      "t0"."properties"
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
  ) AS "t4"
  INNER JOIN "exposed_units" AS "t2"
    ON "t4"."unit_id" = "t2"."unit_id"
) AS "t5"
WHERE
  "t5"."occurred_at" >= "t5"."first_exposed_at"
