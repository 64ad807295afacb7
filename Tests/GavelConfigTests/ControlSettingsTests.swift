import Foundation
import GavelConfig
import Testing

@Suite("[control]")
struct ControlSettingsTests {
    private func read(
        _ text: String,
        folder: String = "/srv/gavel/",
        environment: [String: String] = [:]
    ) -> ConfigurationReport {
        ConfigurationReader.read(
            text: text,
            folder: URL(filePath: folder, directoryHint: .isDirectory),
            environment: environment
        )
    }

    @Test("the socket is seen from the folder of the configuration file, and may be off")
    func path() throws {
        #expect(try self.read("").get().controlSocket == "/srv/gavel/gavel.sock")
        #expect(try self.read("[control]\nsocket = \"../run/g.sock\"").get().controlSocket == "/srv/run/g.sock")
        #expect(try self.read("[control]\nsocket = \"/run/g.sock\"").get().controlSocket == "/run/g.sock")
        #expect(try self.read("[control]\nsocket = \"off\"").get().controlSocket == nil)
        let environment = ["GAVEL_CONTROL_SOCKET": "off"]
        #expect(try self.read("", environment: environment).get().controlSocket == nil)
    }

    @Test("a path that no socket can have is told, the standard one too")
    func length() {
        func path(_ length: Int) -> String { "/" + String(repeating: "a", count: length - 1) }
        #expect(self.read("[control]\nsocket = \"\(path(107))\"").problems.isEmpty)
        let problem = self.read("[control]\nsocket = \"\(path(108))\"").problems.first?.description
        #expect(problem?.hasPrefix("config.toml:2: control.socket: the path /aaa") == true)
        #expect(problem?.contains("has 108 bytes, and a socket's has 107 at most") == true)
        let deep = self.read("", folder: path(100) + "/").problems
        #expect(deep.count == 1)
        #expect(self.read("[control]\nsocket = \"off\"", folder: path(100) + "/").problems.isEmpty)
    }

    @Test(
        "what is no file name is told",
        arguments: [("\"\"", "the path is empty"), ("\"run/\"", "\"run/\" is a folder")]
    )
    func mistakes(_ value: String, _ text: String) {
        let problems = self.read("[control]\nsocket = \(value)").problems
        #expect(problems.count == 1)
        #expect(problems.first?.description.contains(text) == true, "\(problems)")
    }
}
