-- The sums of five metrics over facts, written by hand for DuckDB: members are counted once, by their
-- first exposure; conversions count for 14 days from then. It knows this plan alone, counts nothing
-- for the checks, and must give exactly the same sums as the aggregation.
WITH exposed AS (
  SELECT unit_id, min(variant) AS variant, min(exposed_at) AS exposed_at
  FROM exposures
  WHERE exposed_at <= $as_of AND unit_id IS NOT NULL
  GROUP BY unit_id
  HAVING min(variant) = max(variant)
),
totals AS (
  SELECT
    unit_id,
    count(*) FILTER (event = 'order') AS orders,
    (sum(amount_minor) FILTER (event = 'order'))::BIGINT AS gross,
    (sum(amount_minor) FILTER (event = 'refund'))::BIGINT AS refunded
  FROM conversions JOIN exposed ON unit_id = member_id
  WHERE occurred_at <= $as_of
    AND occurred_at >= exposed_at AND occurred_at < exposed_at + INTERVAL 336 HOUR
    AND (amount_minor IS NULL OR currency = 'TWD')
  GROUP BY unit_id
),
units AS (
  SELECT
    variant,
    coalesce(orders, 0) AS orders,
    coalesce(gross, 0) AS gross,
    coalesce(refunded, 0) AS refunded,
    coalesce(gross, 0) - coalesce(refunded, 0) AS net
  FROM exposed LEFT JOIN totals USING (unit_id)
  WHERE exposed_at <= $as_of - INTERVAL 336 HOUR
)
SELECT
  variant,
  count(*) AS n,
  count_if(orders > 0) AS repurchased,
  sum(orders) AS orders, sum(orders * orders) AS orders_squared,
  min(orders) AS orders_low, max(orders) AS orders_high,
  sum(net) AS net, sum(net * net) AS net_squared, sum(net * orders) AS net_orders,
  count_if(net <> 0) AS net_nonzero, min(net) AS net_low, max(net) AS net_high,
  sum(gross) AS gross, sum(gross * gross) AS gross_squared,
  sum(refunded) AS refunded, sum(refunded * refunded) AS refunded_squared,
  sum(refunded * gross) AS refunded_gross,
  count_if(refunded <> 0) AS refunded_nonzero, min(refunded) AS refunded_low, max(refunded) AS refunded_high
FROM units
GROUP BY variant
