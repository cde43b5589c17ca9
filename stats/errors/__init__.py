"""The tree of faults of `stats`.

::

    StatsError
    ├── InvalidDefinition      a metric or a plan that contradicts itself or cannot be read
    │   ├── InvalidMetric
    │   ├── InvalidPlan
    │   ├── InvalidScorecard
    │   ├── InvalidBucketing
    │   └── InvalidDeclaration
    ├── InvalidLooks           information fractions that no campaign can have
    ├── InvalidSizing          a power, effect or size that no campaign can have
    ├── UnknownMetric          no built-in metric of that key
    ├── InvalidSimulation      a simulated world or campaign that cannot be made
    ├── InvalidFacts           the facts handed over cannot be aggregated
    │   ├── MissingRelation
    │   ├── MissingColumn
    │   ├── WrongColumnType
    │   ├── NullInColumn
    │   ├── MemberInTwoUnits
    │   ├── UnitTwice
    │   ├── UnusableValues
    │   └── UnknownVariant
    ├── EngineUnavailable      the engine that analyses cannot be reached, or is not installed
    ├── InvalidMargin          a margin that is not a share above 0
    ├── InvalidPValue          several p-values that cannot be corrected together
    ├── NonFiniteValue         NaN or infinity where a number is needed
    ├── InvalidSummary         sufficient statistics that no data can have
    └── CannotEstimate         the data are sound, the estimate does not exist; carries a status
        ├── TooFewUnits
        ├── TooFewNonzero
        ├── TooManyUnits
        ├── NoVariance
        ├── ZeroBaseline
        ├── BaselineNearZero
        ├── NotPositive
        ├── ZeroDenominator
        ├── FullLeverage
        ├── SmallStratum
        ├── TooFewCells
        ├── TooFewStudies
        ├── QuantileOnTie
        ├── NoEvents
        ├── MedianNotReached
        ├── FollowUpTooShort
        ├── NotIdentified
        ├── NoExtraCost
        ├── EffectNearZero
        └── NoGain

What was wrong, what came and what would do stand in the message.
"""

from stats.errors.definitions import (
    InvalidBucketing,
    InvalidDeclaration,
    InvalidDefinition,
    InvalidLooks,
    InvalidMetric,
    InvalidPlan,
    InvalidScorecard,
    InvalidSimulation,
    InvalidSizing,
    StatsError,
    UnknownMetric,
)
from stats.errors.estimates import (
    BaselineNearZero,
    CannotEstimate,
    EffectNearZero,
    FollowUpTooShort,
    FullLeverage,
    MedianNotReached,
    NoEvents,
    NoExtraCost,
    NoGain,
    NotIdentified,
    NotPositive,
    NoVariance,
    QuantileOnTie,
    SmallStratum,
    TooFewCells,
    TooFewNonzero,
    TooFewStudies,
    TooFewUnits,
    TooManyUnits,
    UndefinedStatus,
    ZeroBaseline,
    ZeroDenominator,
)
from stats.errors.facts import (
    EngineUnavailable,
    InvalidFacts,
    MemberInTwoUnits,
    MissingColumn,
    MissingRelation,
    NullInColumn,
    UnitTwice,
    UnknownVariant,
    UnusableValues,
    WrongColumnType,
)
from stats.errors.values import (
    InvalidMargin,
    InvalidPValue,
    InvalidSummary,
    NonFiniteValue,
)

__all__ = [
    "BaselineNearZero",
    "CannotEstimate",
    "EffectNearZero",
    "EngineUnavailable",
    "FollowUpTooShort",
    "FullLeverage",
    "InvalidBucketing",
    "InvalidDeclaration",
    "InvalidDefinition",
    "InvalidFacts",
    "InvalidLooks",
    "InvalidMargin",
    "InvalidMetric",
    "InvalidPValue",
    "InvalidPlan",
    "InvalidScorecard",
    "InvalidSimulation",
    "InvalidSizing",
    "InvalidSummary",
    "MedianNotReached",
    "MemberInTwoUnits",
    "MissingColumn",
    "MissingRelation",
    "NoEvents",
    "NoExtraCost",
    "NoGain",
    "NoVariance",
    "NonFiniteValue",
    "NotIdentified",
    "NotPositive",
    "NullInColumn",
    "QuantileOnTie",
    "SmallStratum",
    "StatsError",
    "TooFewCells",
    "TooFewNonzero",
    "TooFewStudies",
    "TooFewUnits",
    "TooManyUnits",
    "UndefinedStatus",
    "UnitTwice",
    "UnknownMetric",
    "UnknownVariant",
    "UnusableValues",
    "WrongColumnType",
    "ZeroBaseline",
    "ZeroDenominator",
]
