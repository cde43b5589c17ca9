SELECT
  "t6"."variant",
  COUNT(*) FILTER(WHERE
    "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)) AS "n0",
  CAST(COALESCE(
    SUM(CAST("t6"."y0" AS DECIMAL(19, 0))) FILTER(WHERE
      "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)),
    0
  ) AS DECIMAL(38, 0)) AS "y0",
  COUNT(*) FILTER(WHERE
    "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 5, 26, 0, 0, 0.0)) AS "n1",
  CAST(COALESCE(
    SUM(CAST("t6"."y1" AS DECIMAL(19, 0))) FILTER(WHERE
      "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 5, 26, 0, 0, 0.0)),
    0
  ) AS DECIMAL(38, 0)) AS "y1",
  COUNT(*) FILTER(WHERE
    "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)) AS "n2",
  CAST(COALESCE(
    SUM(CAST("t6"."y2" AS DECIMAL(19, 0))) FILTER(WHERE
      "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)),
    0
  ) AS DECIMAL(38, 0)) AS "y2",
  CAST(COALESCE(
    SUM(CAST("t6"."y2" AS DECIMAL(19, 0)) * CAST("t6"."y2" AS DECIMAL(19, 0))) FILTER(WHERE
      "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)),
    0
  ) AS DECIMAL(38, 0)) AS "yy2",
  CAST(COALESCE(
    SUM(CAST("t6"."d2" AS DECIMAL(19, 0))) FILTER(WHERE
      "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)),
    0
  ) AS DECIMAL(38, 0)) AS "d2",
  CAST(COALESCE(
    SUM(CAST("t6"."d2" AS DECIMAL(19, 0)) * CAST("t6"."d2" AS DECIMAL(19, 0))) FILTER(WHERE
      "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)),
    0
  ) AS DECIMAL(38, 0)) AS "dd2",
  CAST(COALESCE(
    SUM(CAST("t6"."y2" AS DECIMAL(19, 0)) * CAST("t6"."d2" AS DECIMAL(19, 0))) FILTER(WHERE
      "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)),
    0
  ) AS DECIMAL(38, 0)) AS "yd2",
  COUNT(*) FILTER(WHERE
    "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)) AS "n3",
  CAST(COALESCE(
    SUM(CAST("t6"."y3" AS DECIMAL(19, 0))) FILTER(WHERE
      "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)),
    0
  ) AS DECIMAL(38, 0)) AS "y3",
  CAST(COALESCE(
    SUM(CAST("t6"."y3" AS DECIMAL(19, 0)) * CAST("t6"."y3" AS DECIMAL(19, 0))) FILTER(WHERE
      "t6"."first_exposed_at" <= MAKE_TIMESTAMP(2026, 6, 1, 0, 0, 0.0)),
    0
  ) AS DECIMAL(38, 0)) AS "yy3"
FROM (
  SELECT
    "t2"."variant",
    "t2"."first_exposed_at",
    CAST((
      0 + COALESCE("t5"."t0", 0)
    ) > 0 AS BIGINT) AS "y0",
    CAST((
      0 + COALESCE("t5"."t1", 0)
    ) > 0 AS BIGINT) AS "y1",
    (
      0 + COALESCE("t5"."t2", 0)
    ) - COALESCE("t5"."t3", 0) AS "y2",
    0 + COALESCE("t5"."t4", 0) AS "d2",
    0 + COALESCE("t5"."t5", 0) AS "y3"
  FROM "exposed_units" AS "t2"
  LEFT OUTER JOIN (
    SELECT
      "t3"."unit_id",
      COUNT(*) FILTER(WHERE
        "t3"."event" IN ('tier_change')
        AND COALESCE(
          (
            CASE WHEN "t3"."event" IN ('tier_change') THEN "t3"."properties" ELSE NULL END ->> '/to'
          ) IN ('gold'),
          FALSE
        )
        AND (
          "t3"."occurred_at" < (
            "t3"."first_exposed_at" + INTERVAL '720' HOUR
          )
        )) AS "t0",
      COUNT(*) FILTER(WHERE
        "t3"."event" IN ('activity', 'order')
        AND (
          (
            "t3"."occurred_at" >= (
              "t3"."first_exposed_at" + INTERVAL '720' HOUR
            )
          )
          AND (
            "t3"."occurred_at" < (
              "t3"."first_exposed_at" + INTERVAL '864' HOUR
            )
          )
        )) AS "t1",
      SUM("t3"."amount_minor") FILTER(WHERE
        "t3"."event" IN ('order')
        AND (
          "t3"."occurred_at" < (
            "t3"."first_exposed_at" + INTERVAL '720' HOUR
          )
        )) AS "t2",
      SUM("t3"."amount_minor") FILTER(WHERE
        "t3"."event" IN ('refund')
        AND (
          "t3"."occurred_at" < (
            "t3"."first_exposed_at" + INTERVAL '720' HOUR
          )
        )) AS "t3",
      COUNT(*) FILTER(WHERE
        "t3"."event" IN ('order')
        AND (
          "t3"."occurred_at" < (
            "t3"."first_exposed_at" + INTERVAL '720' HOUR
          )
        )) AS "t4",
      COUNT(
        DISTINCT CAST(TIMEZONE('Asia/Taipei', TIMEZONE('UTC', "t3"."occurred_at")) AS DATE)
      ) FILTER(WHERE
        "t3"."event" IN ('activity', 'order')
        AND (
          "t3"."occurred_at" < (
            "t3"."first_exposed_at" + INTERVAL '720' HOUR
          )
        )) AS "t5"
    FROM (
      SELECT
        *
      FROM "unit_conversions" AS "t1"
      WHERE
        "t1"."event" IN ('activity', 'order', 'refund', 'tier_change')
    ) AS "t3"
    GROUP BY
      1
  ) AS "t5"
    ON "t2"."unit_id" = "t5"."unit_id"
) AS "t6"
GROUP BY
  1
