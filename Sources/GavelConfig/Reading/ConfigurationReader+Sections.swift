import GavelScript

extension ConfigurationReader {
    /// Everything of the file but `[[rooms]]`.
    mutating func readSections(_ members: [TOMLNode.Member]) {
        for member in members where member.name != "rooms" {
            let path = ConfigurationPath(member.name)
            guard Settings.sections.contains(member.name) else {
                self.fail(self.place(path), path: path, self.unknownSection(member))
                continue
            }
            switch member.value {
            case .table(let members):
                for member in members { self.read(member, inSection: path, named: path.description) }
            case .array:
                self.fail(
                    self.place(path),
                    path: path,
                    Complaint("\(member.name) is a list", advice: "Write [\(member.name)], with one pair of brackets.")
                )
            default:
                self.fail(
                    self.place(path),
                    path: path,
                    Complaint("\(member.name) is a table", advice: "Write [\(member.name)] and its keys below it.")
                )
            }
        }
    }

    /// The variables that begin with `GAVEL_`.
    mutating func readEnvironment() {
        for (name, value) in self.environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("GAVEL_") {
            let source = ConfigurationProblem.Source.environment(name)
            if value.hasPrefix("tcp://") {
                self.fail(source, Self.serviceLink(name, value))
            } else if let setting = Settings.all.first(where: { $0.environmentName == name }) {
                self.apply(setting, setting.interpret(value), source)
            } else {
                self.warn(source, Self.unknownVariable(name))
            }
        }
    }

    mutating func readFlags() {
        for flag in self.flags {
            guard let setting = Settings.all.first(where: { $0.path == flag.path }) else {
                preconditionFailure("\(flag.name) stands for \(flag.path), which is no key")
            }
            self.apply(setting, setting.interpret(flag.value), .flag(flag.name))
        }
    }

    private mutating func read(_ member: TOMLNode.Member, inSection section: ConfigurationPath, named name: String) {
        let path = section.key(member.name)
        guard let setting = Settings.all.first(where: { $0.section == name && $0.name == member.name }) else {
            self.fail(self.place(path), path: path, Self.unknownKey(member.name, inSection: name))
            return
        }
        self.apply(setting, member.value, self.place(path))
    }

    private mutating func apply(
        _ setting: Setting<GavelConfiguration>,
        _ node: TOMLNode,
        _ source: ConfigurationProblem.Source
    ) {
        do throws(Complaint) {
            try setting.apply(node, &self.report.configuration)
            self.origins[setting.path] = source
        } catch {
            self.fail(source, path: setting.path, error)
        }
    }

    private func unknownSection(_ member: TOMLNode.Member) -> Complaint {
        let names = Settings.sections + ["rooms"]
        if Settings.roomTables.contains(member.name) {
            return Complaint(
                "there is no such table",
                advice: "It belongs to a kind of rooms: write [rooms.\(member.name)] below its [[rooms]]."
            )
        }
        if case .table = member.value {
            return Complaint(
                "there is no such table",
                advice: Self.suggestion(member.name, of: names, shown: { "[\($0)]" })
            )
        }
        if case .array(let elements) = member.value, case .table = elements.first {
            let shown: (String) -> String = { $0 == "rooms" ? "[[rooms]]" : "[\($0)]" }
            return Complaint("there is no such table", advice: Self.suggestion(member.name, of: names, shown: shown))
        }
        if let setting = Settings.all.first(where: { $0.name == member.name }) {
            return Complaint("this key stands in no table", advice: "Write it below [\(setting.section)].")
        }
        return Complaint(
            "this key stands in no table",
            advice: "Write it below one of \(Self.listed(names.map { "[\($0)]" }))."
        )
    }

    private static func unknownKey(_ name: String, inSection section: String) -> Complaint {
        let names = Settings.all.filter { $0.section == section }.map(\.name)
        let what = "there is no such key"
        if let elsewhere = Settings.all.first(where: { $0.name == name }) {
            return Complaint(what, advice: "Write it below [\(elsewhere.section)].")
        }
        if NearestName.of(name, among: names) == nil,
            let elsewhere = Settings.all.first(where: { NearestName.of(name, among: [$0.name]) != nil })
        {
            return Complaint(what, advice: "Did you mean \(elsewhere.path)?")
        }
        return Complaint(what, advice: Self.suggestion(name, of: names))
    }

    private static func unknownVariable(_ name: String) -> Complaint {
        let names = Settings.all.map(\.environmentName)
        let advice = NearestName.of(name, among: names).map { "Did you mean \($0)?" }
        return Complaint(
            "this stands for no key, and does nothing",
            advice: advice ?? "GAVEL_SERVER_PORT stands for server.port, and so on; unset what is not for gavel."
        )
    }

    private static func serviceLink(_ name: String, _ value: String) -> Complaint {
        // GAVEL_SERVER_PORT and GAVEL_SERVER_PORT_80_TCP both come from a service called "gavel-server".
        let words = name.split(separator: "_").prefix { $0 != "PORT" && $0 != "SERVICE" }
        let service = words.joined(separator: "-").lowercased()
        return Complaint(
            "\"\(value)\" was put there by an orchestrator, for a service called \"\(service)\"",
            advice: """
                Set enableServiceLinks: false in the Kubernetes pod (with Docker: drop the link), or call the \
                service something that does not begin with "gavel".
                """
        )
    }

    /// The nearest name, or all of them.
    static func suggestion(
        _ name: String,
        of names: [String],
        shown: (String) -> String = { $0 }
    ) -> String {
        NearestName.of(name, among: names).map { "Did you mean \(shown($0))?" }
            ?? "Write one of \(Self.listed(names.map(shown)))."
    }

    private static func listed(_ names: [String]) -> String {
        names.joined(separator: ", ")
    }
}
