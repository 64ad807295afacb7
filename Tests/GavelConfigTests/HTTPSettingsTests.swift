import Foundation
import GavelAdmin
import GavelConfig
import Testing

@Suite("[http]")
struct HTTPSettingsTests {
    private func read(_ text: String, environment: [String: String] = [:]) -> ConfigurationReport {
        ConfigurationReader.read(text: text, folder: URL(filePath: "/srv/"), environment: environment)
    }

    @Test("it is on for this machine alone, and may be off")
    func standard() throws {
        let standard = try self.read("").get().http
        #expect(standard.host == "127.0.0.1")
        #expect(standard.port == 8766)
        #expect(standard.token == nil)
        #expect(try self.read("[http]\nhost = \"off\"").get().http.host == nil)
        #expect(try self.read("", environment: ["GAVEL_HTTP_HOST": "off"]).get().http.host == nil)
    }

    @Test("beyond this machine it needs a token", arguments: ["0.0.0.0", "::", "10.0.0.7", "relay.example"])
    func token(_ host: String) throws {
        let text = "[http]\nhost = \"\(host)\""
        let problem = try #require(self.read(text).problems.first?.description)
        #expect(problem.hasPrefix("config.toml:2: http.host: others can reach \"\(host)\", and there is no token"))
        let environment = ["GAVEL_HTTP_TOKEN": "0123456789abcdef"]
        #expect(try self.read(text, environment: environment).get().http.token == "0123456789abcdef")
        #expect(try self.read(text + "\ntoken = \"0123456789abcdef\"").get().http.names == [])
        #expect(throws: (any Error).self) { try self.read("", environment: ["GAVEL_HTTP_HOST": host]).get() }
    }

    @Test("a token is never shown, and another shows as another")
    func secret() throws {
        let tokens = ["0123456789abcdef", "0123456789abcdee"]
        let setting = try #require(Settings.all.first { $0.path.description == "http.token" })
        let texts = try tokens.map { setting.text(try self.read("[http]\ntoken = \"\($0)\"").get()) }
        #expect(texts[0] != texts[1])
        #expect(texts.allSatisfy { $0.hasPrefix("a secret (") && !$0.contains("0123456") })
        for text in ["hunter2", "hunter2 hunter2 hunter2", "7777777"] {
            let problem = try #require(self.read("[http]\ntoken = \"\(text)\"").problems.first?.description)
            #expect(!problem.contains(text))
        }
    }

    @Test("names are names", arguments: ["https://a.example", "a.example:80", "*.example", "a.example/", ""])
    func names(_ name: String) throws {
        #expect(try self.read("[http]\nnames = [\"relay.example\"]").get().http.names == ["relay.example"])
        #expect(self.read("[http]\nnames = [\"\(name)\"]").problems.count == 1)
    }

    @Test("pages find the relay at an address that is written, or at its port")
    func relay() throws {
        #expect(try self.read("").get().http.relay == nil)
        for address in ["wss://game.example", "ws://[::1]:9000", "wss://game.example/play"] {
            #expect(try self.read("[http]\nrelay = \"\(address)\"").get().http.relay == address)
        }
        for address in ["game.example", "https://game.example", "wss://", "wss:///play", "ws://a\\\"><b", "ws://a b"] {
            #expect(self.read("[http]\nrelay = \"\(address)\"").problems.count == 1, "\(address)")
        }
    }
}
