package import GavelCore

/// How the relay learns that its files have changed, and how long new rules are on trial.
package struct ReloadConfiguration: Hashable, Sendable {
    package enum Watch: String, Sendable, CaseIterable {
        /// The system tells of changes, and the files are looked at now and then besides.
        case events
        /// The files are looked at now and then.
        case poll
        /// Nobody looks until the relay is told to reload.
        case off
    }

    package var watch = Watch.events
    /// How often the files are looked at.
    package var poll: Duration = .seconds(1)

    package var probation = ProbationLimits()

    /// How long new rules are on trial; `nil`: not at all.
    var probationTime: Duration? {
        get { self.probation.time == .zero ? nil : self.probation.time }
        set { self.probation.time = newValue ?? .zero }
    }

    package init() {}
}
