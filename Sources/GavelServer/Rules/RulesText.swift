/// The files of one version of rules, as they were read.
struct RulesText: Hashable, Sendable {
    /// The main file, which the rooms of the configuration name.
    var main: String
    /// By name, the main file among them.
    var files: [String: [UInt8]]
    /// A short hash of all of them.
    var version: String
}

/// How some rooms use a main file.
struct RulesUse: Hashable, Sendable {
    var main: String
    /// `[rooms.params]` as JSON.
    var params: [UInt8]
}
