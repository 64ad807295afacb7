internal import GavelConfig
internal import GavelCore
internal import GavelScript

/// A relay that takes other settings while it runs.
protocol ReloadTarget: Sendable {
    /// Tries whether every room could go on under other settings; nothing of them takes effect.
    func rehearse(_ settings: RelaySettings) async -> ReloadReport

    /// Gives it other settings. A room that cannot go on under its new rules keeps those it has.
    func adopt(_ settings: RelaySettings) async -> ReloadReport
}

extension RelayHub: ReloadTarget {}

extension RelaySettings {
    /// What a configuration says of rooms.
    init(_ configuration: GavelConfiguration, rules: LoadedRules) {
        self.init(
            limits: configuration.limits,
            outbound: configuration.outbound,
            directory: rules.directory(configuration)
        )
        self.probation = configuration.reload.probation
        self.showsVersions = configuration.scripts.showsErrors
    }
}
