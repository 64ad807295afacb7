// Tests that use one use the other: simulated relays and what their clients receive.
@_exported public import GavelSimulation
