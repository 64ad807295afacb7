internal import Foundation
internal import GavelAdmin
internal import GavelConfig
internal import GavelCore
internal import GavelScript
internal import Logging
internal import Synchronization

extension RoomTrials {
    /// Differences told one by one at a time; the rest is counted.
    private static let mostFindings = 20
    /// Between one look and the next, so that what comes together is told together.
    private static let pause = Duration.milliseconds(50)

    func shadow(
        _ arguments: ShadowArguments,
        send: @escaping @Sendable (ShadowLine) async throws -> Void
    ) async throws {
        let key = RoomKey(arguments.room)
        guard let beginning = await self.hub.beginning(of: key) else {
            throw CommandError(.notFound, "There is no room \"\(arguments.room)\" at the moment.")
        }
        let log = TrialLog()
        let running = try await self.load(arguments.file, for: beginning.provider, log)
        let isFirst = self.running.withLock { all in
            if all[arguments.room] != nil { return false }
            all[arguments.room] = running
            return true
        }
        guard isFirst else {
            throw CommandError(.refused, "The room \"\(arguments.room)\" has a shadow already; drop that first.")
        }
        await self.hub.observe(key, running.feed)
        self.logger.info(
            "a room has a shadow",
            metadata: ["room": "\(key)", "file": "\(running.provider.name)", "version": "\(running.provider.version)"]
        )
        let result: Result<Void, any Error>
        do {
            result = .success(try await Self.follow(running, log, send))
        } catch {
            result = .failure(error)
        }
        running.feed.end(.dropped)
        await self.hub.unobserve(key, running.feed)
        self.running.withLock { _ = $0.removeValue(forKey: arguments.room) }
        self.logger.info("the shadow of a room is gone", metadata: ["room": "\(key)"])
        try result.get()
    }

    /// Loads what is to be tried, aside.
    private func load(
        _ file: String,
        for rules: (any RulesProvider)?,
        _ log: TrialLog
    ) async throws -> Running {
        let configuration = await self.supervisor.configuration
        let folder = configuration.scriptsFolder
        let path = file.hasPrefix("/") ? file : folder.appending(path: file).path(percentEncoded: false)
        let script = rules as? ScriptRulesProvider
        let scripts = RulesLibrary.scripts(of: configuration)
        let loaded = await self.supervisor.aside { () -> Result<ScriptRulesProvider, ScriptError> in
            Result { () throws(ScriptError) in
                let folder = folder.path(percentEncoded: false)
                if let script { return try script.candidate(path: path, folder: folder, logger: log.logger) }
                return try ScriptRules.load(path: path, folder: folder, configuration: scripts, logger: log.logger)
            }
        }
        switch loaded {
        case nil: throw CommandError(.stopping, "The relay is going away.")
        case .failure(let error):
            throw CommandError(
                .refused,
                ([error.description] + error.traceback.map { "  at \($0)" }).joined(separator: "\n")
            )
        case .success(let provider):
            let own = script.map { folder.appending(path: $0.name) }
            let isOwn = own?.resolvingSymlinksInPath().path == URL(filePath: path).resolvingSymlinksInPath().path
            return Running(feed: ShadowFeed(), provider: provider, ownFile: isOwn ? script?.name : nil)
        }
    }

    /// Tells what the shadow finds, until it is over.
    private static func follow(
        _ running: Running,
        _ log: TrialLog,
        _ send: @Sendable (ShadowLine) async throws -> Void
    ) async throws {
        let shadow = Shadow(running.provider)
        var tally = shadow.tally
        for await _ in running.feed.signals {
            let (events, end) = running.feed.take()
            var (told, omitted) = (0, 0)
            var (isSame, mistake) = (false, String?.none)
            for (index, event) in events.enumerated() {
                for finding in shadow.take(event, isBehind: index + 1 < events.count) {
                    switch finding {
                    case .began(let beginning):
                        let start = ShadowStart(beginning, rules: event.rules, shadow: running.provider.name)
                        try await send(ShadowLine(began: start))
                    case .difference(let difference):
                        told += 1
                        if told <= Self.mostFindings {
                            try await send(ShadowLine(difference: ShadowFinding(difference)))
                        } else {
                            omitted += 1
                        }
                    case .same: isSame = true
                    case .ended(let text): mistake = text
                    }
                }
            }
            for line in log.take() { try await send(ShadowLine(log: line)) }
            if omitted > 0 { try await send(ShadowLine(omitted: omitted)) }
            if shadow.tally != tally {
                tally = shadow.tally
                try await send(ShadowLine(figures: ShadowFigures(tally)))
            }
            if isSame { return try await send(ShadowLine(ended: ShadowFeed.End.promoted.text)) }
            if let mistake { throw CommandError(.refused, mistake) }
            if let end { return try await send(ShadowLine(ended: end.text)) }
            try await Task.sleep(for: Self.pause)
        }
    }

    func dropShadow(of room: String) async -> Bool {
        guard let running = self.running.withLock({ $0[room] }) else { return false }
        running.feed.end(.dropped)
        return true
    }

    func promoteShadow(of room: String, by caller: CommandCaller) async throws -> ShadowPromotion? {
        guard let running = self.running.withLock({ $0[room] }) else { return nil }
        var promotion = ShadowPromotion(
            room: room,
            file: running.provider.name,
            version: running.provider.version,
            isForAll: running.ownFile != nil,
            refusals: []
        )
        if let own = running.ownFile {
            _ = await self.supervisor.reload()
            // An outcome may be of several files that share a module; what is in force is of one.
            if await self.supervisor.rules.texts[own]?.version != running.provider.version {
                let mistakes = await self.supervisor.refused[own]?.mistakes
                promotion.refusals = mistakes ?? ["\(own) is another now than what was tried."]
            }
        } else {
            let provider = running.provider.logging(to: self.logger)
            guard let report = await self.hub.promote(RoomKey(room), to: provider) else {
                throw CommandError(.refused, "The room \"\(room)\" has no rules that others could replace.")
            }
            promotion.refusals = report.refusals.map(\.text)
        }
        if promotion.refusals.isEmpty { running.feed.end(.promoted) }
        self.note(promotion, by: caller)
        return promotion
    }

    private func note(_ promotion: ShadowPromotion, by caller: CommandCaller) {
        var metadata: Logger.Metadata = [
            "room": "\(promotion.room)", "by": "\(caller)", "file": "\(promotion.file)",
            "version": "\(promotion.version)",
        ]
        if promotion.refusals.isEmpty {
            self.logger.notice("a room goes on under the rules of its shadow", metadata: metadata)
        } else {
            metadata["mistakes"] = .array(promotion.refusals.map { "\($0)" })
            self.logger.warning("a room cannot go on under the rules of its shadow", metadata: metadata)
        }
    }
}

extension ShadowFeed.End {
    /// For people.
    fileprivate var text: String {
        switch self {
        case .roomEnded: "The room is over."
        case .behind: "The shadow is too slow for its room, and is dropped."
        case .dropped: "The shadow is dropped."
        case .promoted: "The room runs this version now."
        }
    }
}
