SELECT
  "t7"."unit_id",
  "t7"."variant",
  "t7"."exposures",
  CASE
    WHEN "t7"."split_slot" < 5000
    THEN 'control'
    WHEN "t7"."split_slot" < 10000
    THEN 'B'
    ELSE NULL
  END AS "recomputed",
  CASE
    WHEN STARTS_WITH("t7"."unit_id", 'erased-') AND (
      LENGTH("t7"."unit_id") = 39
    )
    THEN 'erased'
    WHEN (
      "t7"."holdout_slot_0" < 500
    )
    AND NOT (
      COALESCE("t3"."prior_variant" = "t7"."variant", FALSE)
    )
    THEN 'held_out'
    WHEN NOT (
      (
        "t7"."layer_slot" >= 0
      ) AND (
        "t7"."layer_slot" < 4000
      )
    )
    AND NOT (
      COALESCE("t3"."prior_variant" = "t7"."variant", FALSE)
    )
    THEN 'outside_layer'
    WHEN (
      "t7"."traffic_slot" >= 2000
    )
    AND NOT (
      COALESCE("t3"."prior_variant" = "t7"."variant", FALSE)
    )
    THEN 'not_admitted'
    WHEN CASE
      WHEN "t7"."split_slot" < 5000
      THEN 'control'
      WHEN "t7"."split_slot" < 10000
      THEN 'B'
      ELSE NULL
    END <> "t7"."variant"
    THEN 'wrong_variant'
    ELSE NULL
  END AS "kind"
FROM (
  SELECT
    "t5"."unit_id",
    "t5"."variant",
    "t5"."exposures",
    CAST('0x' || SUBSTRING(MD5('gold-q3:1:split-' || "t5"."unit_id"), 1, 8) AS BIGINT) % 10000 AS "split_slot",
    CAST('0x' || SUBSTRING(MD5('holdout-' || "t5"."unit_id"), 1, 8) AS BIGINT) % 10000 AS "holdout_slot_0",
    CAST('0x' || SUBSTRING(MD5('layer:home-' || "t5"."unit_id"), 1, 8) AS BIGINT) % 10000 AS "layer_slot",
    CAST('0x' || SUBSTRING(MD5('gold-q3:1:traffic-' || "t5"."unit_id"), 1, 8) AS BIGINT) % 10000 AS "traffic_slot"
  FROM (
    SELECT
      "t4"."unit_id",
      "t4"."variant",
      COUNT(*) AS "exposures"
    FROM (
      SELECT
        *
      FROM "exposures" AS "t1"
      WHERE
        "t1"."unit_id" IS NOT NULL
    ) AS "t4"
    GROUP BY
      1,
      2
  ) AS "t5"
) AS "t7"
LEFT OUTER JOIN (
  SELECT DISTINCT
    "t0"."unit_id" AS "prior_unit",
    "t0"."variant" AS "prior_variant"
  FROM "assignments" AS "t0"
) AS "t3"
  ON "t7"."unit_id" = "t3"."prior_unit"
