"""Declarations: what a document may say, and which faults are named before anything is computed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from stats.aggregation.aggregate import aggregate, aggregate_on
from stats.aggregation.declared_relations import DeclaredRelations
from stats.aggregation.postgresql_engine import PostgreSQLEngine
from stats.errors import (
    InvalidDeclaration,
    InvalidFacts,
    MemberInTwoUnits,
    MissingColumn,
    MissingRelation,
    NullInColumn,
    UnitTwice,
    WrongColumnType,
)
from stats.plan import MetricRole
from tests.conftest import drop_postgresql_database, make_postgresql_database
from tests.stats.facts import event, facts, in_use, order, plan, refund

START = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)
AS_OF = START + timedelta(days=60)
PLAN = plan(
    in_use("spend_per_member", MetricRole.OEC),
    in_use("upgrade_conversion", target_tiers=["gold"]),
)
DOCUMENT = """
relations:
  exposures:
    table: marketing.shown
    columns: {member_id: customer, unit_id: customer, variant: arm, exposed_at: at}
    where: {campaign: "{campaign}", wave: "{phase}"}
  conversions:
    - table: orders
      columns: {member_id: customer, occurred_at: paid_at, amount_minor: cents}
      constants: {event: order, currency: TWD}
      times_are_utc: true
    - table: refunds
      columns: {member_id: customer, occurred_at: at, amount_minor: cents, currency: money}
      constants: {event: refund}
    - table: public.exposures
      columns: {member_id: who, event: what, occurred_at: at, properties: extra}
"""
SHOP = """
CREATE SCHEMA marketing;
CREATE TYPE arm AS ENUM ('control', 'B');
CREATE DOMAIN cents AS numeric(12, 0);
CREATE TABLE marketing.shown
  (customer bigint, arm arm, at timestamptz, campaign text, wave int, note text);
CREATE TABLE orders (customer bigint, paid_at timestamp, cents cents);
CREATE TABLE refunds (customer int, at timestamptz, cents int, money char(3));
CREATE TABLE exposures (who text, what varchar(20), at timestamptz, extra jsonb);
CREATE TABLE owners (member text, owner text, tier text, age int);
INSERT INTO owners VALUES ('1', 'x', 'gold', 3), ('1', 'y', 'gold', 4), ('2', 'x', NULL, 5);
INSERT INTO marketing.shown VALUES
  (1, 'control', '2026-01-01 10:30+01', 'gold-q3', 1), (2, 'B', '2026-01-01 09:30Z', 'gold-q3', 1),
  (3, 'B', '2026-01-01 09:30Z', 'gold-q3', 1), (4, 'B', '2026-01-01 09:30Z', 'other', 1),
  (5, 'B', '2026-01-01 09:30Z', 'gold-q3', 2);
INSERT INTO orders VALUES
  (1, '2026-01-01 09:30', 500), (1, '2026-01-01 09:29:59', 900), (2, '2026-01-03', 700),
  (4, '2026-01-03', 100);
INSERT INTO refunds VALUES (2, '2026-01-04Z', 50, 'TWD'), (3, '2026-01-04Z', 60, 'JPY');
INSERT INTO exposures VALUES ('2', 'tier_change', '2026-01-05Z', '{"to": "gold"}');
"""


@pytest.fixture(scope="module")
def url(postgresql_server: str) -> Iterator[str]:
    """The database of a shop, with tables of its own."""
    url = make_postgresql_database(postgresql_server, "tierlift_shop")
    with psycopg.connect(url) as connection:
        connection.execute(SHOP)
    yield url
    drop_postgresql_database(postgresql_server, "tierlift_shop")


def declared(document: str = DOCUMENT) -> DeclaredRelations:
    """A document, read for the first phase of gold-q3."""
    return DeclaredRelations.from_text(document).for_phase("gold-q3", 1)


def test_a_shop_is_analysed_by_its_own_tables(url: str) -> None:
    """Declared columns, constants and conditions give what the same facts give in memory.

    Times with and without a zone, numbers as ids, an enumeration, a domain, JSON, and a table that
    has the name of a relation.
    """
    with PostgreSQLEngine.over(url, declared()) as engine:
        got = aggregate_on(engine, PLAN, AS_OF)

    before = START - timedelta(seconds=1)
    third, fourth = (datetime(2026, 1, day, tzinfo=UTC) for day in (3, 4))
    in_memory = facts(
        [("1", "control", START), ("2", "B", START), ("3", "B", START)],
        [
            order("1", START, 500),
            order("1", before, 900),
            order("2", third, 700),
            order("4", third, 100),
            refund("2", fourth, 50),
            ("3", "refund", fourth, 60, "JPY", None),
            event("2", "tier_change", fourth + timedelta(days=1), to="gold"),
        ],
    )
    assert got == aggregate(in_memory, PLAN, AS_OF)


@pytest.mark.parametrize(
    ("was", "becomes", "fault", "said"),
    [
        ("table: orders", "table: ordres", MissingRelation, r"conversions \(table ordres\)"),
        ("table: orders", "path: x.parquet", MissingRelation, "reads tables, no files"),
        ("arm, ex", "arms, ex", MissingColumn, r"no column 'arms'; it has customer, arm, at,"),
        ("wave:", "waves:", MissingColumn, r"no column 'waves'"),
        ("occurred_at: paid_at", "occurred_at: cents", WrongColumnType, "a time with its zone"),
        ("times_are_utc: true", "times_are_utc: false", WrongColumnType, "times_are_utc: true"),
        ("amount_minor: cents}", "amount_minor: paid_at}", WrongColumnType, "in minor units"),
        ("unit_id: customer, v", "unit_id: at, v", WrongColumnType, "text, a whole number or a"),
        ('"{phase}"', "one", WrongColumnType, r"shown.*\.wave .*text, to equal 'one'"),
        ("variant: arm", "variant: note", NullInColumn, r"shown.*\.note has 3 null values"),
        ("currency: TWD", "currency: 5", InvalidDeclaration, "constants.currency: 5"),
    ],
)  # fmt: skip
def test_a_fault_names_relation_table_column_and_the_way_out(
    url: str, was: str, becomes: str, fault: type[Exception], said: str
) -> None:
    """What is missing or of another type is named before anything is computed."""
    assert was in DOCUMENT
    with (
        pytest.raises(fault, match=said),
        PostgreSQLEngine.over(url, declared(DOCUMENT.replace(was, becomes, 1))),
    ):
        pass


@pytest.mark.parametrize(
    ("relation", "columns", "fault", "said"),
    [
        ("unit_members", "member_id: member, unit_id: owner", MemberInTwoUnits, "1 members.*'1'"),
        ("units", "unit_id: owner, tier: tier", UnitTwice, "1 units.*'x'"),
    ],
)
def test_a_member_in_two_units_and_a_unit_with_two_rows_are_refused(
    url: str, relation: str, columns: str, fault: type[InvalidFacts], said: str
) -> None:
    """Declared tables are held to what facts in memory are held to."""
    document = DOCUMENT + f"  {relation}: {{table: owners, columns: {{{columns}}}}}\n"

    with pytest.raises(fault, match=said), PostgreSQLEngine.over(url, declared(document)):
        pass


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("relations:", "tables:", "relations: .*required"),
        ("  exposures:", "  exposure:", "exposures is missing; declare the table"),
        ("  conversions:", "  extras: []\n  conversions:", "'extras' will not do; declare exposur"),
        ("{event: refund}", "{}", "conversions.1.columns.*holds event"),
        ("{event: refund}", "{event: null}", "conversions.1.columns.*holds event"),
        ("{event: refund}", "{event: a, currency: b}", "not both"),
        ("variant: arm", "variants: arm", "'variants' will not do; the relation has the columns"),
        ("    table: marketing.shown\n", "", "either a table or a path"),
        ("times_are_utc: true", "segments_by_name: true", "only the relation units"),
        ("times_are_utc: true", "times_are_utc: maybe", "times_are_utc.*boolean"),
        ("relations:", "relations: [", "YAML or JSON"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused(was: str, becomes: str, said: str) -> None:
    """The fault names the place in the document and what would do."""
    assert was in DOCUMENT
    with pytest.raises((InvalidDeclaration, MissingRelation), match=said):
        DeclaredRelations.from_text(DOCUMENT.replace(was, becomes, 1))
