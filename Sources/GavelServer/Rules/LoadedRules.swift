internal import GavelConfig
internal import GavelCore
internal import GavelScript

/// All rules that a configuration's rooms name, loaded.
struct LoadedRules: Sendable {
    /// By the main file.
    private(set) var texts: [String: RulesText] = [:]
    private var providers: [RulesUse: ScriptRulesProvider] = [:]

    /// Puts a main file's rules in the place of those that it had.
    mutating func set(_ rules: LoadedFile) {
        self.texts[rules.text.main] = rules.text
        self.providers = self.providers.filter { $0.key.main != rules.text.main }
        for (use, provider) in rules.providers { self.providers[use] = provider }
    }

    /// Main files of which a file is a part.
    func mains(with file: String) -> Set<String> {
        Set(self.texts.values.lazy.filter { $0.files[file] != nil }.map(\.main))
    }

    /// Any provider of a main file.
    func provider(of main: String) -> ScriptRulesProvider? {
        self.providers.first { $0.key.main == main }?.value
    }

    /// The same, of which the log hears nothing.
    var silent: Self {
        var rules = self
        rules.providers = self.providers.mapValues(\.silent)
        return rules
    }

    /// Finds the policy of a room key, rules and all.
    func directory(_ configuration: GavelConfiguration) -> RoomDirectory {
        configuration.directory { room in
            guard let provider = self.providers[RulesUse(main: room.rules ?? "", params: room.params)] else {
                preconditionFailure("rules that no room named")
            }
            return provider
        }
    }
}

/// One main file, loaded for each way in which rooms use it.
struct LoadedFile: Sendable {
    let text: RulesText
    let providers: [RulesUse: ScriptRulesProvider]
}
