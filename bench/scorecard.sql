-- The sums of the benchmark's campaign, written by hand for DuckDB: what the scorecard's aggregation
-- is held against. It knows this campaign alone (its window of 30 days, its currency, its target
-- tiers), counts nothing for the checks, and must give exactly the same sums.
WITH exposed AS (
  SELECT unit_id, min(variant) AS variant, min(exposed_at) AS exposed_at
  FROM exposures
  WHERE exposed_at <= $as_of AND unit_id IS NOT NULL
  GROUP BY unit_id
  HAVING min(variant) = max(variant)
),
mature AS (
  SELECT * FROM exposed WHERE exposed_at <= $as_of - INTERVAL 720 HOUR
),
outcomes AS MATERIALIZED (
  SELECT unit_id, event, occurred_at, amount_minor, properties
  FROM conversions JOIN mature ON unit_id = member_id
  WHERE occurred_at >= exposed_at AND occurred_at < exposed_at + INTERVAL 720 HOUR
    AND occurred_at <= $as_of
    AND (amount_minor IS NULL OR currency = 'TWD')
),
totals AS (
  SELECT
    unit_id,
    count(*) FILTER (event = 'order') AS orders,
    coalesce(sum(amount_minor) FILTER (event = 'order'), 0)::BIGINT AS gross,
    coalesce(sum(amount_minor) FILTER (event = 'refund'), 0)::BIGINT AS refunded,
    coalesce(sum(amount_minor) FILTER (event = 'reward_issue'), 0)::BIGINT AS reward,
    count(*) FILTER (
      event = 'tier_change'
      AND (CASE WHEN event = 'tier_change' THEN properties END)::JSON ->> 'to' IN ('silver', 'gold', 'diamond')
    ) AS upgrades,
    min(occurred_at) FILTER (event = 'offer_view') AS viewed_at
  FROM outcomes
  GROUP BY unit_id
),
clicked AS (
  SELECT unit_id, min(occurred_at) AS clicked_at
  FROM outcomes JOIN totals USING (unit_id)
  WHERE event = 'offer_click' AND occurred_at >= viewed_at
  GROUP BY unit_id
),
claimed AS (
  SELECT unit_id, min(occurred_at) AS claimed_at
  FROM outcomes JOIN clicked USING (unit_id)
  WHERE event = 'offer_claim' AND occurred_at >= clicked_at
  GROUP BY unit_id
),
changed AS (
  SELECT unit_id, min(occurred_at) AS changed_at
  FROM outcomes JOIN claimed USING (unit_id)
  WHERE event = 'tier_change' AND occurred_at >= claimed_at
  GROUP BY unit_id
),
units AS (
  SELECT
    variant,
    coalesce(orders, 0) AS orders,
    coalesce(gross, 0) AS gross,
    coalesce(refunded, 0) AS refunded,
    coalesce(gross, 0) - coalesce(refunded, 0) AS net,
    coalesce(reward, 0) AS reward,
    coalesce(upgrades, 0) AS upgrades,
    viewed_at, clicked_at, claimed_at, changed_at
  FROM mature
  LEFT JOIN totals USING (unit_id)
  LEFT JOIN clicked USING (unit_id)
  LEFT JOIN claimed USING (unit_id)
  LEFT JOIN changed USING (unit_id)
)
SELECT
  variant,
  count(*) AS n,
  count(*) FILTER (upgrades > 0) AS upgraded,
  count(*) FILTER (orders > 0) AS repurchased,
  sum(orders)::HUGEINT AS orders,
  sum(orders * orders)::HUGEINT AS orders_squared,
  sum(net)::HUGEINT AS net,
  sum(net * net)::HUGEINT AS net_squared,
  sum(net * orders)::HUGEINT AS net_orders,
  sum(gross)::HUGEINT AS gross,
  sum(gross * gross)::HUGEINT AS gross_squared,
  sum(refunded)::HUGEINT AS refunded,
  sum(refunded * refunded)::HUGEINT AS refunded_squared,
  sum(refunded * gross)::HUGEINT AS refunded_gross,
  sum(reward)::HUGEINT AS reward,
  sum(reward * reward)::HUGEINT AS reward_squared,
  count(viewed_at) AS viewed,
  count(clicked_at) AS clicked,
  count(claimed_at) AS claimed,
  count(changed_at) AS changed
FROM units
GROUP BY variant
ORDER BY variant
